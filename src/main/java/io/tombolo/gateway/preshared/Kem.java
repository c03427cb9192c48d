package io.tombolo.gateway.preshared;

import java.util.Optional;

/** A key encapsulation mechanism whose messages have the sizes of ML-KEM-768. What it returns as secret is never printed. */
public interface Kem {
    /** Bytes of a public key (FIPS 203, table 3). */
    int PUBLIC_KEY = 1184;

    /** Bytes of a ciphertext (FIPS 203, table 3). */
    int CIPHERTEXT = 1088;

    /** A new key pair, for one ciphertext. */
    Offer offer();

    /** A new secret for the holder of a public key; empty where that is none. */
    Optional<Sealed> seal(byte[] publicKey);

    /** A key pair. */
    interface Offer {
        byte[] publicKey();

        /** The secret that was sealed; of a ciphertext that was made for another key, some other secret. */
        byte[] open(byte[] ciphertext);
    }

    /** A secret of 32 bytes, and what opens to it. */
    final class Sealed {
        private final byte[] ciphertext;
        private final byte[] secret;

        Sealed(byte[] ciphertext, byte[] secret) {
            this.ciphertext = ciphertext.clone();
            this.secret = secret.clone();
        }

        byte[] ciphertext() {
            return ciphertext.clone();
        }

        byte[] secret() {
            return secret.clone();
        }
    }
}
