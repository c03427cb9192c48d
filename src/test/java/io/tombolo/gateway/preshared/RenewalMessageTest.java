package io.tombolo.gateway.preshared;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RenewalMessageTest {
    private static final String ID = "00112233445566778899aabbccddeeff";

    private static final List<RenewalMessage> ALL = List.of(
            new RenewalMessage.Offer(ID, filled(Kem.PUBLIC_KEY)),
            new RenewalMessage.Answer(ID, filled(Kem.CIPHERTEXT), filled(Derived.PROOF)),
            new RenewalMessage.Confirm(ID, filled(Derived.PROOF)),
            new RenewalMessage.Done(ID),
            new RenewalMessage.Ask(ID));

    private static byte[] filled(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    @Test
    void everyMessageIsReadAsItWasWrittenAndFitsTheSmallestLane() {
        for (RenewalMessage message : ALL) {
            byte[] bytes = message.encode();
            RenewalMessage read = RenewalMessage.decode(ByteBuffer.wrap(bytes)).orElseThrow();
            assertEquals(message.getClass(), read.getClass());
            assertEquals(ID, read.id());
            assertArrayEquals(bytes, read.encode());
            assertTrue(bytes.length <= 1280 - 40 - 8, () -> message.getClass() + " has " + bytes.length);
        }
    }

    @Test
    void whatIsShorterLongerOrOfAnotherVersionIsNoMessage() {
        for (RenewalMessage message : ALL) {
            byte[] bytes = message.encode();
            for (int length : new int[] {0, 3, 19, bytes.length - 1, bytes.length + 1}) {
                assertTrue(RenewalMessage.decode(ByteBuffer.wrap(Arrays.copyOf(bytes, length)))
                        .isEmpty());
            }
            for (int i : new int[] {0, 1, 2, 3}) {
                byte[] other = bytes.clone();
                other[i] ^= 0x40;
                assertTrue(RenewalMessage.decode(ByteBuffer.wrap(other)).isEmpty());
            }
        }
    }
}
