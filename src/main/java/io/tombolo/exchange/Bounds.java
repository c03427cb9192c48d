package io.tombolo.exchange;

import java.time.Duration;

/**
 * What is accepted of one peer. Beyond them an object is left out and reported; the stream goes on.
 *
 * @param messageBytes of one message, decompressed; a larger one ends the stream
 * @param services of one peer
 * @param endpointsPerService over all its port sets
 * @param endpoints of one peer
 * @param bytes that the shapes and port sets of one peer may take of our heap, about
 * @param changesPerSecond sustained; a faster sender waits (flow control), it is not cut off
 * @param burst changes accepted at once, a snapshot's for instance
 * @param silence after which a stream without any complete message counts as lost
 * @param snapshot for a whole snapshot
 * @param stuck how long a reader may leave what we sent unread
 */
record Bounds(
        int messageBytes,
        int services,
        int endpointsPerService,
        int endpoints,
        int bytes,
        int changesPerSecond,
        int burst,
        Duration silence,
        Duration snapshot,
        Duration stuck) {

    static final Bounds DEFAULT = new Bounds(
            256 * 1024,
            10_000,
            10_000,
            100_000,
            32 * 1024 * 1024,
            5_000,
            50_000,
            Duration.ofSeconds(4),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30));

    /** Sent when there is nothing else to say. */
    static final Duration KEEP_ALIVE = Duration.ofSeconds(1);

    /** Endpoints per message: well below {@link #messageBytes} with the longest hostnames. */
    static final int ENDPOINTS_PER_MESSAGE = 256;

    /** Removals that are remembered for peers that come back; one that was away longer gets a snapshot. */
    static final int REMEMBERED_REMOVALS = 10_000;
}
