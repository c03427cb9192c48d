package io.tombolo.gateway.preshared;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.KEM;

/** ML-KEM-768 (FIPS 203), as the JDK has it since version 24. */
public final class MlKem768 implements Kem {
    private static final String NAME = "ML-KEM-768";

    /** What comes before the key in its X.509 encoding (RFC 9935): the same for every key. */
    private static final byte[] X509 = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    @Override
    public Offer offer() {
        try {
            return new OfKeyPair(KeyPairGenerator.getInstance(NAME).generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks " + NAME, e);
        }
    }

    @Override
    public Optional<Sealed> seal(byte[] publicKey) {
        byte[] x509 = ByteBuffer.allocate(X509.length + publicKey.length)
                .put(X509)
                .put(publicKey)
                .array();
        try {
            PublicKey key = KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(x509));
            KEM.Encapsulated sealed = KEM.getInstance(NAME).newEncapsulator(key).encapsulate();
            return Optional.of(new Sealed(sealed.encapsulation(), sealed.key().getEncoded()));
        } catch (InvalidKeyException | InvalidKeySpecException e) {
            return Optional.empty(); // FIPS 203, 7.2: the encapsulation key check
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks " + NAME, e);
        }
    }

    private record OfKeyPair(KeyPair pair) implements Offer {
        @Override
        public byte[] publicKey() {
            byte[] x509 = pair.getPublic().getEncoded();
            return Arrays.copyOfRange(x509, X509.length, x509.length);
        }

        @Override
        public byte[] open(byte[] ciphertext) {
            try {
                return KEM.getInstance(NAME)
                        .newDecapsulator(pair.getPrivate())
                        .decapsulate(ciphertext)
                        .getEncoded();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("a ciphertext of " + ciphertext.length + " bytes cannot be opened", e);
            }
        }
    }
}
