package io.tombolo.gateway.preshared;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class MlKem768Test {
    private final Kem kem = new MlKem768();

    @Test
    void whatIsSealedForAKeyOpensWithItAndHasTheSizesOfTheStandard() {
        Kem.Offer offer = kem.offer();
        Kem.Sealed sealed = kem.seal(offer.publicKey()).orElseThrow();
        assertEquals(Kem.PUBLIC_KEY, offer.publicKey().length);
        assertEquals(Kem.CIPHERTEXT, sealed.ciphertext().length);
        assertEquals(32, sealed.secret().length);
        assertArrayEquals(sealed.secret(), offer.open(sealed.ciphertext()));
    }

    @Test
    void whatWasSealedForAnotherKeyOpensToSomethingElse() {
        Kem.Sealed sealed = kem.seal(kem.offer().publicKey()).orElseThrow();
        assertFalse(Arrays.equals(sealed.secret(), kem.offer().open(sealed.ciphertext())));
    }

    @Test
    void bytesThatAreNoKeyAreRefused() {
        byte[] ones = new byte[Kem.PUBLIC_KEY];
        Arrays.fill(ones, (byte) -1);
        assertTrue(kem.seal(ones).isEmpty());
    }
}
