package io.tombolo.plan.service;

import io.tombolo.net.NamespacedName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names of the objects we make: the same everywhere and always, from what they stand for. */
public final class Names {
    private Names() {}

    /** The derived Service of {@code service}: a DNS label, 18 characters. */
    public static String derivedService(NamespacedName service) {
        return "tombolo-" + hash(service.toString());
    }

    /** 40 bits of SHA-256: enough within one namespace. */
    static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 5);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
