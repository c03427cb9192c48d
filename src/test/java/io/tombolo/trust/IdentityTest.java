package io.tombolo.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.IdentityKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class IdentityTest {
    private final Identity west = Identity.generate();

    @Test
    void whatItSignsVerifiesUnderItsPublicKey() {
        assertTrue(Identity.signed(west.publicKey(), west.sign(Announcements.of("west", 1))));
    }

    @Test
    void anotherKeyDidNotSign() {
        assertFalse(Identity.signed(Identity.generate().publicKey(), west.sign(Announcements.of("west", 1))));
    }

    @Test
    void everySingleBitOfBytesAndSignatureCounts() {
        SignedAnnouncement signed = west.sign(Announcements.of("west", 1));
        for (int bit = 0; bit < 8 * signed.bytes().length; bit++) {
            SignedAnnouncement flipped = new SignedAnnouncement(flip(signed.bytes(), bit), signed.signature());
            assertFalse(Identity.signed(west.publicKey(), flipped), "bit " + bit + " of the bytes");
        }
        for (int bit = 0; bit < 8 * signed.signature().length; bit++) {
            SignedAnnouncement flipped = new SignedAnnouncement(signed.bytes(), flip(signed.signature(), bit));
            assertFalse(Identity.signed(west.publicKey(), flipped), "bit " + bit + " of the signature");
        }
    }

    @Test
    void survivesItsSecret() {
        Identity restored = Identity.decode(west.encoded());
        assertEquals(west.publicKey(), restored.publicKey());
        assertEquals(west.sign(Announcements.of("west", 1)), restored.sign(Announcements.of("west", 1)));
    }

    @Test
    void publicKeyIsThatOfRfc8032() {
        // section 7.1, test 1 and 2: the public key of a seed is accepted beside it, another one is not
        String seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        String key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        String other = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assertEquals(
                IdentityKey.of(HexFormat.of().parseHex(key)),
                Identity.decode(base64(seed + key)).publicKey());
        assertThrows(IllegalArgumentException.class, () -> Identity.decode(base64(seed + other)));
    }

    @Test
    void neverPrintsItself() {
        assertEquals("***", west.toString());
        String wrong = west.encoded().substring(0, 40);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> Identity.decode(wrong));
        assertFalse(String.valueOf(e.getMessage()).contains(wrong));
    }

    @Test
    void aKeyOfSmallOrderNeverVerifies() {
        // with A the neutral element, R the base point and S = 1 the equation holds for every message
        byte[] neutral = new byte[32];
        neutral[0] = 1;
        byte[] forged = new byte[64];
        Arrays.fill(forged, 0, 32, (byte) 0x66);
        forged[0] = 0x58;
        forged[32] = 1;
        SignedAnnouncement announcement =
                new SignedAnnouncement(AnnouncementCodec.encode(Announcements.of("west", 1)), forged);
        assertFalse(Identity.signed(IdentityKey.of(neutral), announcement));
    }

    @Test
    void aKeyThatIsNoPointOfTheCurveNeverVerifies() {
        byte[] bytes = new byte[32];
        for (int y = 0; y < 256; y++) {
            bytes[0] = (byte) y;
            bytes[1] = 7;
            assertFalse(Identity.signed(IdentityKey.of(bytes), west.sign(Announcements.of("west", 1))));
        }
    }

    private static byte[] flip(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }
}
