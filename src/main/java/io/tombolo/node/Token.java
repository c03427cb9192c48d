package io.tombolo.node;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one claim we read of a ServiceAccount token. */
final class Token {
    private static final Pattern EXPIRY = Pattern.compile("\"exp\"\\s*:\\s*(\\d{1,12})");

    private Token() {}

    /** When it expires; the epoch where that cannot be read, so that an unreadable token never proves anything. */
    static Instant expiry(String token) {
        String[] parts = token.split("\\.");
        if (parts.length != 3) {
            return Instant.EPOCH;
        }
        try {
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            Matcher expiry = EXPIRY.matcher(claims);
            return expiry.find() ? Instant.ofEpochSecond(Long.parseLong(expiry.group(1))) : Instant.EPOCH;
        } catch (IllegalArgumentException e) {
            return Instant.EPOCH; // not base64: no token of the kind we know
        }
    }
}
