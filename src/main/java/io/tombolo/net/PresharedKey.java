package io.tombolo.net;

import java.security.MessageDigest;
import java.util.Base64;

/** A WireGuard pre-shared key, 32 bytes. Prints as {@code ***}. */
public final class PresharedKey {
    private final byte[] bytes;

    private PresharedKey(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException where {@code base64} is not 32 bytes or all zero (which WireGuard takes for "none") */
    public static PresharedKey parse(String base64) {
        byte[] bytes = Key32.decode(base64);
        if (MessageDigest.isEqual(bytes, new byte[Key32.LENGTH])) {
            throw new IllegalArgumentException("an all-zero pre-shared key means none");
        }
        return new PresharedKey(bytes);
    }

    /** @throws IllegalArgumentException where these are not 32 bytes, or all zero */
    public static PresharedKey of(byte[] bytes) {
        return parse(Base64.getEncoder().encodeToString(Key32.checked(bytes)));
    }

    /** The key itself, for a derivation and nothing else. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The key itself, base64: for a device's standard input or a file of mode 0600 only. */
    public String encoded() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PresharedKey other && MessageDigest.isEqual(bytes, other.bytes);
    }

    /** Constant: equality is all a set or map of these few keys needs, and nothing leaks. */
    @Override
    public int hashCode() {
        return 0;
    }

    @Override
    public String toString() {
        return "***";
    }
}
