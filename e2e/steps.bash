# What the scripts that bring up linked clusters share; to be sourced at the project's root.
PATH="$PWD/bin:$PATH"
started=$(date +%s.%N)

seconds() { awk -v a="$1" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }'; }
step() { printf '%7ss  %s\n' "$(seconds "$started")" "$*"; }
fail() { printf '\n%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Waits until "$@" succeeds; the limit is generous because a busy machine is slow, not broken.
until_ok() { # SECONDS WHAT COMMAND…
  local limit=$1 what=$2 end=$((SECONDS + $1)); shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "$what did not happen within $limit s. Last answer: $("$@" 2>&1 | tail -n 3)"
    sleep 0.1
  done
}

k() { local cluster=$1; shift; e2e/lab/lab kubectl "$cluster" "$@"; }

# Applies what a user applies, and pod shop/client; waits for nothing.
install_in() { # FIELDS-OF-LOCALCLUSTER CLUSTER…
  local c fields=$1; shift
  for c; do
    k "$c" apply --server-side -k deploy/mcs-crds >/dev/null
    k "$c" apply --server-side -k deploy/ >/dev/null
    k "$c" apply -f - >/dev/null <<Y
apiVersion: tombolo.io/v1alpha1
kind: LocalCluster
metadata: {name: local}
spec: {clusterId: $c$fields}
Y
    k "$c" apply -f e2e/sample/namespace.yaml -f e2e/sample/client.yaml >/dev/null
  done
}

# CoreDNS reads its configuration anew when the kubelet has brought it: up to two minutes elsewhere, seconds in the lab
forwards() { [ "$(k "$1" -n shop exec client -- dig +short +time=1 dns-version.clusterset.local TXT)" = '"1.0.0"' ]; }

await_installed() { # CLUSTER…
  local c
  for c; do
    until_ok 120 "a ready installation in $c" k "$c" wait --for=condition=Ready localcluster/local --timeout=2s
    until_ok 60 "a ready client pod in $c" k "$c" -n shop wait --for=condition=Ready pod/client --timeout=2s
  done
  for c; do until_ok 180 "the cluster DNS of $c forwarding clusterset.local" forwards "$c"; done
}

# Invites each into all others; waits for nothing.
invite() { # CLUSTER…
  local c peer
  files=$(mktemp -d); trap 'rm -rf "$files"' EXIT
  for c; do kubectl-tombolo invite --context "$c" >"$files/$c.yaml" & done
  for c; do wait -n || fail "no invite"; done
  for c; do
    for peer; do [ "$peer" = "$c" ] || cat "$files/$peer.yaml"; echo ---; done | k "$c" apply -f - >/dev/null
  done
}
await_links() { # CLUSTER…
  local c
  for c; do until_ok 60 "the links of $c" k "$c" wait --for=condition=Ready clusterlink --all --timeout=2s; done
}
link() { # CLUSTER…
  invite "$@"
  await_links "$@"
}
