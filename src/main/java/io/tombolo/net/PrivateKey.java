package io.tombolo.net;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.interfaces.XECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Base64;
import javax.crypto.KeyAgreement;

/** A WireGuard private key (X25519, RFC 7748). Prints as {@code ***}; its bytes leave only through {@link #encoded()}. */
public final class PrivateKey {
    private static final BigInteger BASE_POINT = BigInteger.valueOf(9);

    private final byte[] bytes;

    private PrivateKey(byte[] bytes) {
        this.bytes = bytes;
    }

    public static PrivateKey generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("X25519");
            generator.initialize(NamedParameterSpec.X25519, new SecureRandom());
            XECPrivateKey key = (XECPrivateKey) generator.generateKeyPair().getPrivate();
            byte[] scalar = key.getScalar().orElseThrow();
            // clamped as `wg genkey` does, so that what is stored is what the device reports
            scalar[0] &= (byte) 248;
            scalar[31] = (byte) (scalar[31] & 127 | 64);
            return new PrivateKey(scalar);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks X25519", e);
        }
    }

    /** @throws IllegalArgumentException where {@code base64} is not a key; the message does not repeat it */
    public static PrivateKey parse(String base64) {
        return new PrivateKey(Key32.decode(base64));
    }

    public PublicKey publicKey() {
        try {
            KeyFactory factory = KeyFactory.getInstance("X25519");
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, bytes)));
            // the public key is the scalar times the base point: an agreement with the point u = 9
            agreement.doPhase(
                    factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, BASE_POINT)), true);
            return PublicKey.of(agreement.generateSecret());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks X25519", e);
        }
    }

    /** The key itself, 44 characters of base64: for a Secret, a device's standard input or a file of mode 0600 only. */
    public String encoded() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PrivateKey other && MessageDigest.isEqual(bytes, other.bytes);
    }

    /** Of the public half: a hash of the secret itself would leak bits of it into whatever prints hashes. */
    @Override
    public int hashCode() {
        return publicKey().hashCode();
    }

    @Override
    public String toString() {
        return "***";
    }
}
