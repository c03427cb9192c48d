package io.tombolo.trust;

import java.util.Arrays;

/**
 * An announcement as it travels and is kept: the very bytes that were signed, never re-encoded, so that everyone who
 * uses them can verify them again.
 */
public final class SignedAnnouncement {
    /** Bounds what a stranger can make us hold. 64 prefixes and 8 slots stay well below. */
    public static final int MAX_BYTES = 8192;

    private final byte[] bytes;
    private final byte[] signature;

    /** @throws IllegalArgumentException where the bytes exceed {@link #MAX_BYTES} or the signature is not 64 bytes */
    public SignedAnnouncement(byte[] bytes, byte[] signature) {
        if (bytes.length == 0 || bytes.length > MAX_BYTES || signature.length != 64) {
            throw new IllegalArgumentException("an announcement has 1-" + MAX_BYTES + " bytes and a signature of 64");
        }
        this.bytes = bytes.clone();
        this.signature = signature.clone();
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public byte[] signature() {
        return signature.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SignedAnnouncement other
                && Arrays.equals(bytes, other.bytes)
                && Arrays.equals(signature, other.signature);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(bytes) + Arrays.hashCode(signature);
    }
}
