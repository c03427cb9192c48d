# One image for every role. Build it with `e2e/image` (which makes target/runtime, target/wireguard-go and target/quarkus-app
# first), or by hand: ./mvnw package -DskipTests && image/runtime && mkdir -p target/classes.lists &&
# install "$(e2e/lab/lab prepare --print-wireguard-go)" target/wireguard-go && docker build -t tombolo:0.1.0 .
FROM debian:12-slim

# What the agents spawn.
RUN apt-get update \
 && apt-get install -y --no-install-recommends iproute2 nftables wireguard-tools \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*

# Serves nodes whose kernel has no WireGuard.
COPY target/wireguard-go /usr/local/bin/
COPY target/runtime /opt/java
COPY target/quarkus-app/lib /opt/tombolo/lib
COPY image/tombolo image/tombolo-wireguard /usr/local/bin/
COPY target/quarkus-app/quarkus-run.jar /opt/tombolo/
COPY target/quarkus-app/quarkus /opt/tombolo/quarkus
COPY target/quarkus-app/app /opt/tombolo/app

# The classes that each role loads, parsed and linked once. Without the lists (e2e/rehearse makes them) the roles are right,
# and slower to start.
COPY image/archive /opt/tombolo/
COPY target/classes.lists /opt/tombolo/classes
RUN /opt/tombolo/archive

ARG JAVA_OPTIONS=
ENV TOMBOLO_JAVA_OPTIONS=$JAVA_OPTIONS

# Roles that need no privilege run as this user; gateway and node override it in their pods.
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/tombolo"]
CMD ["--help"]
