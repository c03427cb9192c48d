package io.tombolo.net;

import java.util.Arrays;
import java.util.Base64;

/** A WireGuard public key: a point on Curve25519, 32 bytes, written as 44 characters of canonical base64. */
public final class PublicKey {
    private final byte[] bytes;

    private PublicKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException where {@code bytes} is not 32 long */
    public static PublicKey of(byte[] bytes) {
        return new PublicKey(Key32.checked(bytes));
    }

    /** @throws IllegalArgumentException where {@code base64} is not the canonical base64 of 32 bytes */
    public static PublicKey parse(String base64) {
        return new PublicKey(Key32.decode(base64));
    }

    /**
     * Whether this is a point of small order, in any spelling (RFC 7748 section 6.1): every agreement with it gives zero. The
     * all-zero key is one of them.
     */
    public boolean isWeak() {
        return SmallOrder.MONTGOMERY.contains(bytes);
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PublicKey other && Arrays.equals(bytes, other.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
