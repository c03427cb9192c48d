package io.tombolo.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Cidr;
import io.tombolo.plan.route.SlotReport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Probes on the wire. */
final class ProbeMessageTest {
    private static ProbeMessage message(SlotReport report) {
        return message(report, 7);
    }

    private static ProbeMessage message(SlotReport report, long follows) {
        return message(report, follows, OptionalLong.of(8));
    }

    private static ProbeMessage message(SlotReport report, long follows, OptionalLong arrived) {
        return new ProbeMessage(true, false, true, 50, report, 3, 4, 5, 6, follows, arrived);
    }

    private static ByteBuffer encoded(ProbeMessage message) {
        ByteBuffer buffer = ByteBuffer.allocate(ProbeMessage.MOST_BYTES);
        message.encode(buffer);
        return buffer.flip();
    }

    @Test
    void whatIsSaidIsHeard() {
        ProbeMessage said = message(new SlotReport(
                9,
                false,
                List.of(Cidr.parse("10.42.0.0/24"), Cidr.parse("fd42::/64")),
                List.of(Cidr.parse("10.42.1.0/24"), Cidr.parse("0.0.0.0/0"))));
        assertEquals(Optional.of(said), ProbeMessage.decode(encoded(said)));
    }

    @Test
    void theLongestReportFits() {
        List<Cidr> many = IntStream.range(0, 100)
                .mapToObj(i -> Cidr.parse("fd00:0:0:" + Integer.toHexString(i + 1) + "::/64"))
                .toList();
        ProbeMessage longest = message(SlotReport.of(9, true, many, many));
        assertEquals(ProbeMessage.MOST_BYTES, encoded(longest).remaining());
        assertEquals(Optional.of(longest), ProbeMessage.decode(encoded(longest)));
    }

    @Test
    void aProbeOfABuildThatSaysLessIsUnderstood() {
        ProbeMessage plain = message(new SlotReport(9, true, List.of(), List.of()), 0, OptionalLong.empty());
        for (int length : new int[] {ProbeMessage.BYTES, ProbeMessage.BYTES + 2, ProbeMessage.BYTES + 10}) {
            ByteBuffer old = encoded(plain).limit(length);
            assertEquals(Optional.of(plain), ProbeMessage.decode(old));
        }
    }

    @Test
    void whateverElseComesIsNoProbe() {
        Random random = new Random(1);
        ProbeMessage said = message(new SlotReport(9, true, List.of(Cidr.parse("10.42.0.0/24")), List.of()));
        byte[] good = new byte[encoded(said).remaining()];
        encoded(said).get(good);
        for (int i = 0; i < 100_000; i++) {
            byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(good.length + 20));
            for (int flips = random.nextInt(4); flips > 0 && bad.length > 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            ProbeMessage.decode(ByteBuffer.wrap(bad)); // throws nothing
        }
        assertEquals(Optional.empty(), ProbeMessage.decode(ByteBuffer.wrap(good, 0, good.length - 2)));
        good[ProbeMessage.BYTES] = (byte) 200;
        assertEquals(Optional.empty(), ProbeMessage.decode(ByteBuffer.wrap(good)));
    }
}
