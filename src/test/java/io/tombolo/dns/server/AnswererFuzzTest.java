package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.server.Answerer.Transport;
import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** D22, D23: whatever comes in, at most one readable reply goes out, and nothing is thrown. */
class AnswererFuzzTest {
    private static final List<byte[]> VALID = List.of(
            TestQuery.of("web.shop.svc.clusterset.local", Wire.A).bytes(),
            TestQuery.withOpt("_http._tcp.db.shop.svc.clusterset.local", Wire.SRV, 1232)
                    .bytes(),
            TestQuery.withOpt("nope.shop.svc.clusterset.local", Wire.AAAA, 4096).bytes(),
            TestQuery.of("clusterset.local", Wire.SOA).bytes(),
            TestQuery.header(1, 0, 1, 1)
                    .name("dual.shop.svc.clusterset.local")
                    .u16(Wire.ANY, 1)
                    .raw(0xc0, 12)
                    .u16(1, 1, 0, 5, 4)
                    .raw(1, 2, 3, 4)
                    .opt(512, 0, 0, 10, 0, 2, 1, 2)
                    .bytes());

    private final Zone zone = Zones.shop();
    private final Answerer answerer = new Answerer(() -> zone, new QueryCounters(), new Rotation(42));

    @Property(tries = 1)
    void survivesEveryTruncationOfEveryValidMessage() {
        for (byte[] message : VALID) {
            for (int length = 0; length <= message.length; length++) {
                check(Arrays.copyOf(message, length));
            }
        }
    }

    @Property(tries = 1)
    void survivesEveryValueOfEveryByteOfEveryValidMessage() {
        for (byte[] message : VALID) {
            for (int at = 0; at < message.length; at++) {
                for (int value = 0; value < 256; value++) {
                    byte[] mutated = message.clone();
                    mutated[at] = (byte) value;
                    check(mutated);
                }
            }
        }
    }

    @Property(tries = 20_000)
    void survivesRandomBytes(@ForAll byte[] message) {
        check(message);
    }

    @Property(tries = 20_000)
    void survivesMutatedMessages(@ForAll("mutated") byte[] message) {
        check(message);
    }

    @Provide
    Arbitrary<byte[]> mutated() {
        Arbitrary<byte[]> tail = Arbitraries.bytes().array(byte[].class).ofMaxSize(40);
        return Combinators.combine(
                        Arbitraries.of(VALID),
                        Arbitraries.integers().between(0, 200),
                        Arbitraries.bytes(),
                        Arbitraries.integers().between(0, 80),
                        tail)
                .as((message, at, value, cut, end) -> {
                    int kept = Math.max(0, message.length - cut);
                    byte[] bytes = Arrays.copyOf(message, kept + end.length);
                    System.arraycopy(end, 0, bytes, kept, end.length);
                    if (at < bytes.length) {
                        bytes[at] = value;
                    }
                    return bytes;
                });
    }

    private void check(byte[] message) {
        for (Transport transport : Transport.values()) {
            int length = answerer.answer(message, message.length, transport);
            if (length == 0) {
                boolean silenceIsRight = message.length < 12 || (message[2] & 0x80) != 0;
                assertTrue(silenceIsRight, () -> "no reply to " + Arrays.toString(message));
                continue;
            }
            TestReply reply = TestReply.parse(Arrays.copyOf(answerer.bytes(), length));
            assertTrue(reply.has(Wire.QR) && reply.id == ((message[0] & 0xff) << 8 | (message[1] & 0xff)));
            assertTrue(transport == Transport.TCP || length <= Wire.MAX_UDP);
        }
    }
}
