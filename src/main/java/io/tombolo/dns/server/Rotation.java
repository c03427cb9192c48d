package io.tombolo.dns.server;

/**
 * Where an RRset starts. Random rather than counted: a client that asks for A and AAAA in turn would see every second
 * start only.
 */
final class Rotation {
    private long state;

    Rotation(long seed) {
        this.state = seed == 0 ? 1 : seed;
    }

    /** Even over 0 (inclusive) to {@code count} (exclusive). */
    int below(int count) {
        state ^= state << 13; // xorshift64, Marsaglia 2003
        state ^= state >>> 7;
        state ^= state << 17;
        return (int) ((state >>> 32) * count >>> 32);
    }
}
