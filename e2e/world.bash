# What the scripts share that test on clusters of their own; to be sourced at the project's root. Without further arguments
# such a script tests, in a world of its own of which nothing stays; with `up` it only brings the clusters up.
#
# world [ARGUMENT…] -- TESTS "$@"     ARGUMENT: what of the script's own arguments says which world it is. Returns for `up`
world() {
  local own=() tests usage maven="./mvnw -B -ntp -q"
  while [ "$1" != -- ]; do own+=("$1"); shift; done
  tests=$2; shift 2
  usage=$(sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0")
  case "$*" in
    '' | up) ;;
    -h | --help) echo "$usage"; exit 0 ;;
    *) echo "$usage" >&2; exit 2 ;;
  esac
  e2e/packages
  e2e/lab/lab prepare
  TOMBOLO_IMAGE_TAR=${TOMBOLO_IMAGE_TAR:-$(e2e/image)}
  export TOMBOLO_IMAGE_TAR
  [ $# = 0 ] || return 0
  cc -O2 -static -o target/flow e2e/flow/flow.c -lpthread
  cc -O2 -static -s -o target/connections e2e/flow/connections.c -lpthread
  # the image's build has made the classes
  $maven test-compile -Dquarkus.generate-code.skip=true -Dmaven.main.skip=true
  exec e2e/lab/lab sealed bash -euo pipefail -c '
    "$0" "${@:2:$1}" up
    eval "$(e2e/lab/lab status | grep "^export ")"
    shift $(($1 + 1))
    "$@"' "e2e/${0##*/}" ${#own[@]} "${own[@]}" $maven -o failsafe:integration-test failsafe:verify -DskipITs=false "-Dit.test=$tests"
}
