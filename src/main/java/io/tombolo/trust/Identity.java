package io.tombolo.trust;

import io.tombolo.net.IdentityKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.Base64;

/**
 * Who a cluster is: an Ed25519 key pair (RFC 8032). Only the operator holds it; it signs announcements and nothing
 * else. Prints as {@code ***}; its bytes leave only through {@link #encoded()}.
 */
public final class Identity {
    private static final String ALGORITHM = "Ed25519";
    private static final int KEY_BYTES = 32;
    /** Separates announcements from whatever else a key might ever sign. */
    private static final byte[] CONTEXT = {
        't', 'o', 'm', 'b', 'o', 'l', 'o', ' ', 'a', 'n', 'n', 'o', 'u', 'n', 'c', 'e', 'm', 'e', 'n', 't', ' ', 'v',
        '1', 0
    };

    private final byte[] seed;
    private final IdentityKey publicKey;

    private Identity(byte[] seed, IdentityKey publicKey) {
        this.seed = seed;
        this.publicKey = publicKey;
    }

    public static Identity generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            return new Identity(seed, encoded((EdECPublicKey) pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks Ed25519", e);
        }
    }

    /**
     * Reads what {@link #encoded()} wrote.
     *
     * @throws IllegalArgumentException where {@code text} is not that, or its two halves are not of one pair; the
     *     message does not repeat it
     */
    public static Identity decode(String text) {
        byte[] both;
        try {
            both = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("an identity is base64 of 64 bytes");
        }
        if (both.length != 2 * KEY_BYTES) {
            throw new IllegalArgumentException("an identity is base64 of 64 bytes");
        }
        Identity identity = new Identity(
                Arrays.copyOf(both, KEY_BYTES), IdentityKey.of(Arrays.copyOfRange(both, KEY_BYTES, 2 * KEY_BYTES)));
        byte[] proof = CONTEXT.clone();
        if (!verifies(identity.publicKey, proof, identity.sign(proof))) {
            throw new IllegalArgumentException("the two halves of the identity are not of one pair");
        }
        return identity;
    }

    /** Private seed and public key, base64 of 64 bytes: for Secret {@code tombolo-identity} only. */
    public String encoded() {
        byte[] both = Arrays.copyOf(seed, 2 * KEY_BYTES);
        System.arraycopy(publicKey.bytes(), 0, both, KEY_BYTES, KEY_BYTES);
        return Base64.getEncoder().encodeToString(both);
    }

    public IdentityKey publicKey() {
        return publicKey;
    }

    /** @throws IllegalArgumentException where a peer's decoder would refuse {@code announcement} */
    public SignedAnnouncement sign(Announcement announcement) {
        return signBytes(AnnouncementCodec.encode(announcement));
    }

    /** Of any bytes: tests play the version to come. */
    SignedAnnouncement signBytes(byte[] bytes) {
        return new SignedAnnouncement(bytes, sign(message(bytes)));
    }

    /** Whether {@code key} signed exactly these bytes. False also where {@code key} is no point of the curve. */
    public static boolean signed(IdentityKey key, SignedAnnouncement announcement) {
        return verifies(key, message(announcement.bytes()), announcement.signature());
    }

    @Override
    public String toString() {
        return "***";
    }

    private static byte[] message(byte[] bytes) {
        byte[] message = Arrays.copyOf(CONTEXT, CONTEXT.length + bytes.length);
        System.arraycopy(bytes, 0, message, CONTEXT.length, bytes.length);
        return message;
    }

    private byte[] sign(byte[] message) {
        try {
            PrivateKey key = KeyFactory.getInstance(ALGORITHM)
                    .generatePrivate(new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed));
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks Ed25519", e);
        }
    }

    private static boolean verifies(IdentityKey key, byte[] message, byte[] signed) {
        if (key.isWeak()) {
            return false; // under a point of small order anybody can make a signature
        }
        try {
            PublicKey decoded = KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point(key)));
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(decoded);
            signature.update(message);
            return signature.verify(signed);
        } catch (SignatureException
                | java.security.InvalidKeyException
                | java.security.spec.InvalidKeySpecException e) {
            return false; // not a point of the curve, or not a signature in form
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM lacks Ed25519", e);
        }
    }

    /** RFC 8032 section 5.1.2: little-endian y, and the lowest bit of x in the highest bit. */
    private static EdECPoint point(IdentityKey key) {
        byte[] bigEndian = reversed(key.bytes());
        boolean xOdd = bigEndian[0] < 0;
        bigEndian[0] &= 0x7f;
        return new EdECPoint(xOdd, new BigInteger(1, bigEndian));
    }

    private static IdentityKey encoded(EdECPublicKey key) {
        byte[] bigEndian = key.getPoint().getY().toByteArray();
        byte[] bytes = Arrays.copyOf(reversed(bigEndian), KEY_BYTES);
        if (key.getPoint().isXOdd()) {
            bytes[KEY_BYTES - 1] |= (byte) 0x80;
        }
        return IdentityKey.of(bytes);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return reversed;
    }
}
