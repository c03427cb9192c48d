package io.tombolo.net;

import java.util.Base64;
import java.util.regex.Pattern;

/** What all our keys share: 32 bytes, one spelling. */
final class Key32 {
    static final int LENGTH = 32;
    /** The last character carries four bits and two zeros; any other spelling is not canonical. */
    private static final Pattern CANONICAL = Pattern.compile("[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=");

    private Key32() {}

    static byte[] checked(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a key has 32 bytes, not " + bytes.length);
        }
        return bytes.clone();
    }

    /** The message never repeats the text: it may be a private key pasted in the wrong place. */
    static byte[] decode(String base64) {
        if (!CANONICAL.matcher(base64).matches()) {
            throw new IllegalArgumentException("a key is 44 characters of canonical base64 (32 bytes)");
        }
        return Base64.getDecoder().decode(base64);
    }
}
