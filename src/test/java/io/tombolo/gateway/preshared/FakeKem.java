package io.tombolo.gateway.preshared;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;
import java.util.Random;

/** Cheap, and no secret from anybody: what is sealed is the hash of key and ciphertext. */
final class FakeKem implements Kem {
    private final Random random;
    int computed;

    FakeKem(long seed) {
        random = new Random(seed);
    }

    @Override
    public Offer offer() {
        computed++;
        byte[] key = bytes(PUBLIC_KEY);
        return new Offer() {
            @Override
            public byte[] publicKey() {
                return key;
            }

            @Override
            public byte[] open(byte[] ciphertext) {
                return hash(key, ciphertext);
            }
        };
    }

    @Override
    public Optional<Sealed> seal(byte[] publicKey) {
        computed++;
        byte[] ciphertext = bytes(CIPHERTEXT);
        return Optional.of(new Sealed(ciphertext, hash(publicKey, ciphertext)));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] hash(byte[] key, byte[] ciphertext) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(key);
            return sha.digest(ciphertext);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
