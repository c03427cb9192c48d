package io.tombolo.gateway.preshared;

import io.tombolo.net.PresharedKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * What both ends derive from one encapsulation: the key, and for each end a proof that it has it, which says nothing of
 * the key (HKDF-SHA256, RFC 5869). The link's own key goes in beside the encapsulated secret: whoever lacks either of them
 * derives something else. Neither says anything of the keys before or after.
 */
final class Derived {
    static final int PROOF = 32;
    private static final int KEY = 32;
    private static final byte[] CONTEXT = "tombolo pre-shared key v1\0".getBytes(StandardCharsets.US_ASCII);
    private static final int ID_CHARACTERS = 32;

    private final byte[] bytes;

    private Derived(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * @param secret the encapsulated one
     * @param link the key that the link's spec names
     */
    static Derived of(Ends ends, byte[] secret, Optional<PresharedKey> link, byte[] publicKey, byte[] ciphertext) {
        try {
            return new Derived(KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret)
                            .addIKM(link.map(PresharedKey::bytes).orElse(new byte[KEY]))
                            .thenExpand(transcript(ends, publicKey, ciphertext), KEY + 2 * PROOF)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks HKDF-SHA256", e);
        }
    }

    private static byte[] transcript(Ends ends, byte[] publicKey, byte[] ciphertext) {
        MessageDigest sha = sha256();
        sha.update(CONTEXT);
        sha.update(sha256().digest(ends.caller().getAddress()));
        sha.update(sha256().digest(ends.answerer().getAddress()));
        sha.update(sha256().digest(publicKey));
        return sha.digest(sha256().digest(ciphertext));
    }

    /** What an exchange is called: half of the hash of its public key, 32 characters of hex. */
    static String id(byte[] publicKey) {
        return HexFormat.of().formatHex(sha256().digest(publicKey)).substring(0, ID_CHARACTERS);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    PresharedKey key() {
        return PresharedKey.of(Arrays.copyOf(bytes, KEY));
    }

    byte[] callersProof() {
        return Arrays.copyOfRange(bytes, KEY, KEY + PROOF);
    }

    byte[] answerersProof() {
        return Arrays.copyOfRange(bytes, KEY + PROOF, KEY + 2 * PROOF);
    }
}
