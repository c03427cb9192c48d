package io.tombolo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    private static final String KEY = "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=";

    @Test
    void aKeyHasOneSpelling() {
        assertEquals(KEY, PublicKey.parse(KEY).toString());
        assertEquals("ed25519:" + KEY, IdentityKey.parse("ed25519:" + KEY).toString());
        assertEquals(KEY, PrivateKey.parse(KEY).encoded());
        assertEquals(KEY, PresharedKey.parse(KEY).encoded());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc",
                "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc==",
                "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxd=",
                "G3YRpG_2NQ-i05arlICTL0J71liPGfOZgo9p-r8kuxc=",
                "G3YRpG/2NQ+i05arlICT L0J71liPGfOZgo9p+r8kux=",
                "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=\n",
                "1b7611a46ff6350fa2d396ab9480932f427bd6588f19f399828f69fabf24bb17",
                "AAAA"
            })
    void refusesEveryOtherSpellingWithoutRepeatingIt(String text) {
        for (Runnable parser : new Runnable[] {
            () -> PublicKey.parse(text),
            () -> PrivateKey.parse(text),
            () -> PresharedKey.parse(text),
            () -> IdentityKey.parse("ed25519:" + text)
        }) {
            String message = String.valueOf(
                    assertThrows(IllegalArgumentException.class, parser::run).getMessage());
            assertTrue(text.isEmpty() || !message.contains(text), message);
        }
    }

    @Test
    void anIdentitySaysWhatItIs() {
        assertThrows(IllegalArgumentException.class, () -> IdentityKey.parse(KEY));
        assertThrows(IllegalArgumentException.class, () -> IdentityKey.parse("x25519:" + KEY));
    }

    @Test
    void secretsNeverPrintThemselves() {
        PrivateKey key = PrivateKey.generate();
        assertEquals("***", key.toString());
        assertEquals("***", PresharedKey.parse(KEY).toString());
        assertFalse(String.valueOf(List.of(key)).contains(key.encoded()));
    }

    @Test
    void anAllZeroPresharedKeyIsNone() {
        assertThrows(
                IllegalArgumentException.class,
                () -> PresharedKey.parse(Base64.getEncoder().encodeToString(new byte[32])));
    }

    @Test
    void keysOfOneValueAreEqual() {
        PrivateKey key = PrivateKey.generate();
        assertEquals(key, PrivateKey.parse(key.encoded()));
        assertEquals(key.hashCode(), PrivateKey.parse(key.encoded()).hashCode());
        assertNotEquals(key, PrivateKey.generate());
    }

    /** RFC 7748 section 6.1. */
    @Test
    void thePublicHalfIsThatOfRfc7748() {
        assertEquals(
                "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                hex(PrivateKey.parse(base64("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
                        .publicKey()));
    }

    @Test
    void thePublicHalfIsWhatWgSays() throws IOException, InterruptedException {
        for (int i = 0; i < 5; i++) {
            PrivateKey key = PrivateKey.generate();
            assertEquals(wg(key.encoded()), key.publicKey().toString());
        }
    }

    @Test
    void aGeneratedKeyIsStoredAsADeviceReportsIt() {
        byte[] scalar = Base64.getDecoder().decode(PrivateKey.generate().encoded());
        assertEquals(0, scalar[0] & 7);
        assertEquals(0x40, scalar[31] & 0xc0);
    }

    /** The JDK refuses an agreement that gives zero; the list must name exactly what it refuses. */
    @ParameterizedTest
    @MethodSource("montgomery")
    void weakPublicKeysAreThoseWhoseAgreementIsZero(byte[] key) {
        assertTrue(PublicKey.of(key).isWeak());
        assertThrows(InvalidKeyException.class, () -> agree(key));
        byte[] spelledOtherwise = key.clone();
        spelledOtherwise[31] |= (byte) 0x80;
        assertTrue(PublicKey.of(spelledOtherwise).isWeak());
    }

    static Stream<byte[]> montgomery() {
        return Stream.of(
                        "00".repeat(32),
                        "01" + "00".repeat(31),
                        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                        "ec" + "ff".repeat(30) + "7f",
                        "ed" + "ff".repeat(30) + "7f",
                        "ee" + "ff".repeat(30) + "7f")
                .map(HexFormat.of()::parseHex);
    }

    @Test
    void ordinaryKeysAreNotWeak() throws GeneralSecurityException {
        PublicKey ordinary = PrivateKey.generate().publicKey();
        assertFalse(ordinary.isWeak());
        agree(ordinary.bytes());
        assertFalse(IdentityKey.parse("ed25519:" + KEY).isWeak());
    }

    /** Eight times a point of small order is the neutral element: by the addition law of RFC 8032 section 5.1. */
    @Test
    void weakIdentitiesAreThePointsOfSmallOrder() {
        BigInteger p = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));
        for (String y : new String[] {
            "00".repeat(32),
            "01" + "00".repeat(31),
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ec" + "ff".repeat(30) + "7f",
            "ed" + "ff".repeat(30) + "7f",
            "ee" + "ff".repeat(30) + "7f"
        }) {
            byte[] key = HexFormat.of().parseHex(y);
            assertTrue(IdentityKey.of(key).isWeak(), y);
            key[31] |= (byte) 0x80;
            assertTrue(IdentityKey.of(key).isWeak(), y);
            assertEquals(
                    BigInteger.ONE,
                    doubledThrice(littleEndian(HexFormat.of().parseHex(y)).mod(p), p),
                    y);
        }
    }

    /** The y of 8P, from the y of P alone: x² = (y² - 1) / (d y² + 1), and y(2P) = (y² + x²) / (1 - d x² y²). */
    private static BigInteger doubledThrice(BigInteger start, BigInteger p) {
        BigInteger d = BigInteger.valueOf(-121665)
                .multiply(BigInteger.valueOf(121666).modInverse(p))
                .mod(p);
        BigInteger y = start;
        for (int i = 0; i < 3; i++) {
            BigInteger y2 = y.multiply(y).mod(p);
            BigInteger x2 = y2.subtract(BigInteger.ONE)
                    .multiply(d.multiply(y2).add(BigInteger.ONE).modInverse(p))
                    .mod(p);
            y = y2.add(x2)
                    .multiply(
                            BigInteger.ONE.subtract(d.multiply(x2).multiply(y2)).modInverse(p))
                    .mod(p);
        }
        return y;
    }

    private static BigInteger littleEndian(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[i] = bytes[bytes.length - 1 - i];
        }
        return new BigInteger(1, reversed);
    }

    private static byte[] agree(byte[] u) throws GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("X25519");
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        byte[] scalar = new byte[32];
        Arrays.fill(scalar, (byte) 77);
        agreement.init(factory.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar)));
        agreement.doPhase(
                factory.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, littleEndian(u))), true);
        return agreement.generateSecret();
    }

    private static String wg(String privateKey) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("wg", "pubkey").start();
        try (var in = process.getOutputStream()) {
            in.write(privateKey.getBytes(StandardCharsets.US_ASCII));
        }
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        assertEquals(0, process.waitFor());
        return text;
    }

    private static String hex(PublicKey key) {
        return HexFormat.of().formatHex(key.bytes());
    }

    private static String base64(String hex) {
        return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
    }
}
