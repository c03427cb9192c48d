#!/bin/sh
# serve [PORT]: answers TCP (as HTTP) and UDP with "<host name> <address of the client, as seen here>".
port=${1:-80}
if [ "$2" = answer ]; then
  if [ "$3" = http ]; then
    while IFS= read -r line && [ "${#line}" -gt 1 ]; do :; done
    body="$(hostname) $SOCAT_PEERADDR"
    printf 'HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n' $((${#body} + 1)) "$body"
  else
    echo "$(hostname) $SOCAT_PEERADDR"
  fi
  exit
fi
# -t: by itself socat waits half a second for an answer, less than a busy machine takes to start one who gives it
trap 'kill $tcp $udp; exit' TERM INT
socat -t 5 "TCP-LISTEN:$port,fork,reuseaddr,backlog=128" "EXEC:/bin/serve $port answer http" & tcp=$!
socat -t 5 "UDP-RECVFROM:$port,fork,reuseaddr" "EXEC:/bin/serve $port answer udp" & udp=$!
wait
