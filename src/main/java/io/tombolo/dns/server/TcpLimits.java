package io.tombolo.dns.server;

import java.time.Duration;

/**
 * What TCP clients may take (RFC 7766 section 6.1 leaves the numbers to us). Our clients are the cluster's resolvers:
 * few addresses, many connections.
 *
 * @param connections at once, all clients together
 * @param perClient connections at once, one address
 * @param queryBytes longest query read; longer ones end the connection
 * @param patience how long a connection may stay without a query read and answered whole
 */
record TcpLimits(int connections, int perClient, int queryBytes, Duration patience) {
    static final TcpLimits DEFAULT = new TcpLimits(256, 64, 4096, Duration.ofSeconds(10));
}
