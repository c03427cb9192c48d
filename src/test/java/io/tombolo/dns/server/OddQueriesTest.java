package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.dns.server.Answerer.Transport;
import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What broken and strange messages get. */
class OddQueriesTest {
    private static final String WEB = "web.shop.svc.clusterset.local";
    private static final int DROP = -1;

    private final Zone zone = Zones.shop();
    private final Answerer answerer = new Answerer(() -> zone, new QueryCounters(), new Rotation(42));

    static Stream<Arguments> bareReplies() {
        return Stream.of(
                row("empty", new byte[0], DROP),
                row("eleven bytes", new byte[11], DROP),
                row("an answer", TestQuery.of(WEB, 1).flags(0x8000), DROP),
                row("header only", TestQuery.header(0, 0, 0, 0), Wire.FORMERR),
                row("no question", TestQuery.header(1, 0, 0, 0), Wire.FORMERR),
                row(
                        "two questions",
                        TestQuery.header(2, 0, 0, 0)
                                .name(WEB)
                                .u16(1, 1)
                                .name(WEB)
                                .u16(1, 1),
                        Wire.FORMERR),
                row(
                        "65535 questions",
                        TestQuery.header(65535, 0, 0, 0).name(WEB).u16(1, 1),
                        Wire.FORMERR),
                row(
                        "a label of 64",
                        TestQuery.header(1, 0, 0, 0)
                                .label("a".repeat(64))
                                .raw(0)
                                .u16(1, 1),
                        Wire.FORMERR),
                row(
                        "label type 0x80",
                        TestQuery.header(1, 0, 0, 0).raw(0x81, 'a', 0).u16(1, 1),
                        Wire.FORMERR),
                row(
                        "pointer to itself",
                        TestQuery.header(1, 0, 0, 0).raw(0xc0, 12).u16(1, 1),
                        Wire.FORMERR),
                row(
                        "pointer forward",
                        TestQuery.header(1, 0, 0, 0).raw(0xc0, 20).u16(1, 1),
                        Wire.FORMERR),
                row(
                        "pointer into the header",
                        TestQuery.header(1, 0, 0, 0).raw(0xc0, 0).u16(1, 1),
                        Wire.FORMERR),
                row("a cut name", TestQuery.header(1, 0, 0, 0).label("web"), Wire.FORMERR),
                row("a cut type", TestQuery.header(1, 0, 0, 0).name(WEB).raw(0), Wire.FORMERR),
                row("garbage behind", TestQuery.of(WEB, 1).raw(0), Wire.FORMERR),
                row("IQUERY", TestQuery.of(WEB, 1).flags(1 << 11), Wire.NOTIMP),
                row("opcode 15", TestQuery.of(WEB, 1).flags(15 << 11), Wire.NOTIMP),
                row("NOTIFY", TestQuery.of(WEB, 6).flags(4 << 11), Wire.NOTIMP),
                row("UPDATE", TestQuery.of(WEB, 6).flags(5 << 11), Wire.NOTIMP),
                row(
                        "an answer that is not there",
                        TestQuery.header(1, 1, 0, 0).name(WEB).u16(1, 1),
                        Wire.FORMERR),
                row(
                        "OPT among answers",
                        TestQuery.header(1, 1, 0, 0).name(WEB).u16(1, 1).opt(1232, 0),
                        Wire.FORMERR),
                row(
                        "two OPT",
                        TestQuery.header(1, 0, 0, 2)
                                .name(WEB)
                                .u16(1, 1)
                                .opt(1232, 0)
                                .opt(1232, 0),
                        Wire.FORMERR),
                row(
                        "OPT longer than the message",
                        TestQuery.header(1, 0, 0, 1).name(WEB).u16(1, 1).raw(0).u16(41, 1232, 0, 0, 4),
                        Wire.FORMERR),
                row(
                        "option longer than OPT",
                        TestQuery.header(1, 0, 0, 1).name(WEB).u16(1, 1).opt(1232, 0, 0, 10, 0, 8, 1, 2),
                        Wire.FORMERR),
                row(
                        "OPT of a name",
                        TestQuery.header(1, 0, 0, 1)
                                .name(WEB)
                                .u16(1, 1)
                                .label("a")
                                .opt(1232, 0),
                        Wire.FORMERR),
                row("60 kB zeros", new byte[60_000], Wire.FORMERR));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bareReplies")
    void getsTwelveBytesOrNothing(String what, byte[] query, int rcode) {
        byte[] reply = answer(query);
        if (rcode == DROP) {
            assertEquals(0, reply.length);
            return;
        }
        byte[] expected = new byte[12];
        expected[0] = query[0];
        expected[1] = query[1];
        expected[2] = (byte) (0x80 | (query[2] & 0x79));
        expected[3] = (byte) rcode;
        assertArrayEquals(expected, reply);
    }

    static Stream<Arguments> readable() {
        return Stream.of(
                row(
                        "class CH",
                        TestQuery.header(1, 0, 0, 0).name("version.bind").u16(16, 3),
                        Wire.REFUSED),
                row("class 0", TestQuery.header(1, 0, 0, 0).name(WEB).u16(1, 0), Wire.REFUSED),
                row("class ANY", TestQuery.header(1, 0, 0, 0).name(WEB).u16(1, 255), Wire.REFUSED),
                row("AXFR", TestQuery.of("clusterset.local", Wire.AXFR), Wire.REFUSED),
                row(
                        "IXFR with its SOA",
                        TestQuery.header(1, 0, 1, 0)
                                .name("clusterset.local")
                                .u16(Wire.IXFR, 1)
                                .raw(0xc0, 12)
                                .u16(6, 1, 0, 0, 22)
                                .raw(new int[22]),
                        Wire.REFUSED),
                row("NUL in a label", in("we\0b"), Wire.NXDOMAIN),
                row(
                        "dot in a label",
                        TestQuery.header(1, 0, 0, 0)
                                .label("web.shop")
                                .label("svc")
                                .name("clusterset.local")
                                .u16(1, 1),
                        Wire.NXDOMAIN),
                row("8-bit byte in a label", in("w\u00e9b"), Wire.NXDOMAIN),
                row("upper-case umlaut is not its lower case", in("\u00c4"), Wire.NXDOMAIN),
                row("size 0", TestQuery.withOpt(WEB, 1, 0), Wire.NOERROR),
                row(
                        "an unused record behind",
                        TestQuery.header(1, 0, 0, 1)
                                .name(WEB)
                                .u16(1, 1)
                                .raw(0xc0, 12)
                                .u16(1, 1, 0, 5, 4)
                                .raw(1, 2, 3, 4),
                        Wire.NOERROR));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("readable")
    void getsAReplyWithItsQuestion(String what, byte[] query, int rcode) {
        TestReply reply = TestReply.parse(answer(query));
        assertEquals(rcode, reply.rcode());
        assertEquals(1, reply.questions);
    }

    @Test
    @DisplayName("D16: names of 254 and 255 bytes")
    void readsNamesOf254And255BytesAndRefuses256() {
        for (int length = 254; length <= 256; length++) {
            // 18 bytes are the zone, 195 three labels of 64 and one of 3, the rest one more label
            TestQuery query = TestQuery.header(1, 0, 0, 0)
                    .label("a".repeat(63))
                    .label("b".repeat(63))
                    .label("c".repeat(63))
                    .label("d".repeat(length - 18 - 192 - 1))
                    .name("clusterset.local")
                    .u16(1, 1);
            assertEquals(12 + length + 4, query.bytes().length);
            assertEquals(
                    length <= 255 ? Wire.NXDOMAIN : Wire.FORMERR,
                    TestReply.parse(answer(query.bytes())).rcode());
        }
    }

    private static TestQuery in(String label) {
        return TestQuery.header(1, 0, 0, 0)
                .label(label)
                .name("shop.svc.clusterset.local")
                .u16(1, 1);
    }

    private static Arguments row(String what, TestQuery query, int rcode) {
        return row(what, query.bytes(), rcode);
    }

    private static Arguments row(String what, byte[] query, int rcode) {
        return Arguments.of(what, query, rcode);
    }

    private byte[] answer(byte[] query) {
        int length = answerer.answer(query, query.length, Transport.UDP);
        return Arrays.copyOf(answerer.bytes(), length);
    }
}
