package io.tombolo.net;

import java.util.Arrays;
import java.util.Base64;

/** The public half of a cluster's identity: an Ed25519 key (RFC 8032), written {@code ed25519:<base64 of 32 bytes>}. */
public final class IdentityKey {
    private static final String PREFIX = "ed25519:";
    private final byte[] bytes;

    private IdentityKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException where {@code bytes} is not 32 long */
    public static IdentityKey of(byte[] bytes) {
        return new IdentityKey(Key32.checked(bytes));
    }

    /** @throws IllegalArgumentException where {@code text} is not in the form above */
    public static IdentityKey parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("an identity starts with " + PREFIX);
        }
        return new IdentityKey(Key32.decode(text.substring(PREFIX.length())));
    }

    /**
     * Whether this is a point of small order, in any spelling: under such a key anybody can make a signature. The all-zero
     * key is one of them.
     */
    public boolean isWeak() {
        return SmallOrder.EDWARDS.contains(bytes);
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof IdentityKey other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return PREFIX + Base64.getEncoder().encodeToString(bytes);
    }
}
