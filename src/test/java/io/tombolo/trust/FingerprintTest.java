package io.tombolo.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.IdentityKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    @Test
    void theWordsCanBeToldApartByEarAndNeverChange() throws Exception {
        List<String> list = Fingerprint.list();
        assertEquals(256, list.size());
        assertEquals(List.copyOf(new TreeSet<>(list)), list);
        assertEquals(256, list.stream().map(w -> w.substring(0, 3)).distinct().count());
        assertTrue(list.stream().allMatch(w -> w.matches("[a-z]{4,7}")));
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(String.join("\n", list).getBytes(StandardCharsets.US_ASCII));
        assertEquals(
                "226891e2ea0992a570c1dc27aedc9a45301fc91e7f5b250090a4a054381f8fd3",
                HexFormat.of().formatHex(digest));
    }

    @Test
    void everyClusterSpeaksTheSameTenWordsOfOneIdentity() {
        IdentityKey identity = IdentityKey.parse("ed25519:fob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0=");
        assertEquals("spoon hill metro jewel voyage - duck drum stable cargo talent", Fingerprint.of(identity));
    }

    @Test
    void anotherIdentityHasOtherWords() {
        assertNotEquals(
                Fingerprint.of(Identity.generate().publicKey()),
                Fingerprint.of(Identity.generate().publicKey()));
    }
}
