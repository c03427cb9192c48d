package io.tombolo.trust;

import io.tombolo.net.IdentityKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An identity as ten words, to compare by voice: the first 80 bits of SHA-256("tombolo fingerprint v1" ‖ identity), eight
 * bits a word. The list ({@code words.txt}: 256 short words, no two with the same three first letters) never changes, or
 * clusters of two versions would disagree; another list would be a v2.
 */
public final class Fingerprint {
    static final int WORDS = 10;

    private static final byte[] CONTEXT = "tombolo fingerprint v1".getBytes(StandardCharsets.US_ASCII);

    private Fingerprint() {}

    /** Two groups of five words: {@code acorn … - tulip …}. */
    public static String of(IdentityKey identity) {
        byte[] digest = digest(identity);
        List<String> list = list();
        return IntStream.range(0, WORDS)
                .mapToObj(i -> (i == WORDS / 2 ? "- " : "") + list.get(digest[i] & 0xff))
                .collect(Collectors.joining(" "));
    }

    private static byte[] digest(IdentityKey identity) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(CONTEXT);
            return sha.digest(identity.bytes());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<String> list() {
        try (InputStream in = Objects.requireNonNull(Fingerprint.class.getResourceAsStream("words.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
