package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.server.Answerer.Transport;
import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client says of itself by EDNS, and what has no room in what it takes. */
class EdnsAndSizeTest {
    private static final String ZONE = "clusterset.local";

    private @Nullable Zone zone = Zones.shop();
    private final Answerer answerer = new Answerer(() -> zone, new QueryCounters(), new Rotation(42));

    @Test
    @DisplayName("D12: an OPT only for an OPT; 1232 advertised; DO copied; options not echoed")
    void answersEdns() {
        assertEquals("", ask("web.shop.svc", Wire.A).opt);
        byte[] withDo = TestQuery.header(1, 0, 0, 1)
                .name("web.shop.svc." + ZONE)
                .u16(Wire.A, Wire.IN)
                .raw(0)
                .u16(Wire.OPT, 4096)
                .raw(0, 0, 0x80, 0)
                .u16(0)
                .bytes();
        assertEquals(
                "size=1232 rcode=0 version=0 flags=32768 length=0", TestReply.parse(answer(withDo, Transport.UDP)).opt);
        byte[] badCookie = TestQuery.header(1, 0, 0, 1)
                .name("web.shop.svc." + ZONE)
                .u16(Wire.A, Wire.IN)
                .opt(0, 0, 0, 10, 0, 7, 1, 2, 3, 4, 5, 6, 7, 0xff, 0xf0, 0, 0)
                .bytes();
        TestReply reply = TestReply.parse(answer(badCookie, Transport.UDP));
        assertEquals("size=1232 rcode=0 version=0 flags=0 length=0", reply.opt);
        assertEquals(1, reply.answers.size());
    }

    @Test
    @DisplayName("D12: EDNS version 1 is BADVERS, said in version 0")
    void refusesOtherEdnsVersions() {
        byte[] query = TestQuery.header(1, 0, 0, 1)
                .name("web.shop.svc." + ZONE)
                .u16(Wire.A, Wire.IN)
                .opt(1232, 1)
                .bytes();
        TestReply reply = TestReply.parse(answer(query, Transport.UDP));
        assertEquals(0, reply.rcode());
        assertEquals("size=1232 rcode=1 version=0 flags=0 length=0", reply.opt);
        assertEquals(List.of(), reply.answers);
    }

    @ParameterizedTest
    @CsvSource({
        "web.shop.svc.clusterset.local, 1, 0",
        "web.shop.svc.clusterset.local, 28, 0",
        "nope.clusterset.local, 1, 3",
        "example.com, 1, 5",
        "clusterset.local, 252, 5",
        "many.shop.svc.clusterset.local, 1, 0"
    })
    @DisplayName(
            "D12: an OPT for an OPT, whatever the answer; also where it is truncated and where there is no zone yet")
    void keepsRoomForTheOpt(String name, int type, int rcode) {
        zone = name.startsWith("many") ? Zones.many(100) : Zones.shop();
        byte[] query = TestQuery.withOpt(name, type, 512).bytes();
        TestReply reply = TestReply.parse(answer(query, Transport.UDP));
        assertEquals(rcode, reply.rcode());
        assertEquals("size=1232 rcode=0 version=0 flags=0 length=0", reply.opt);
        zone = null;
        assertEquals(reply.opt, TestReply.parse(answer(query, Transport.UDP)).opt);
        byte[] malformed = TestQuery.withOpt(name, type, 512).raw(0).bytes();
        assertEquals(12, answer(malformed, Transport.UDP).length);
    }

    @ParameterizedTest
    @CsvSource({
        "29, 0, true",
        "30, 0, false",
        "28, 100, true",
        "29, 100, false",
        "73, 1232, true",
        "74, 1232, false",
        "74, 65535, false"
    })
    @DisplayName("D12 D13 D21: a whole RRset or TC and nothing; never above min(client, 1232)")
    void truncatesWhole(int endpoints, int ednsSize, boolean whole) {
        zone = Zones.many(endpoints);
        String name = "many.shop.svc." + ZONE;
        byte[] query = (ednsSize == 0 ? TestQuery.of(name, Wire.A) : TestQuery.withOpt(name, Wire.A, ednsSize)).bytes();
        TestReply udp = TestReply.parse(answer(query, Transport.UDP));
        assertEquals(whole ? endpoints : 0, udp.answers.size());
        assertEquals(!whole, udp.has(Wire.TC));
        assertTrue(udp.length <= (ednsSize > 512 ? 1232 : 512), "length " + udp.length);
        TestReply tcp = TestReply.parse(answer(query, Transport.TCP));
        assertEquals(endpoints, Set.copyOf(tcp.answers).size());
        assertFalse(tcp.has(Wire.TC));
    }

    @Test
    @DisplayName("D13: the additional section goes first, without TC")
    void leavesOutAdditionalsBeforeTruncating() {
        zone = Zones.many(15);
        byte[] query =
                TestQuery.withOpt("many.shop.svc." + ZONE, Wire.SRV, 1232).bytes();
        TestReply reply = TestReply.parse(answer(query, Transport.UDP));
        assertEquals(15, reply.answers.size());
        assertTrue(reply.additionals.size() < 15);
        assertFalse(reply.has(Wire.TC));
        assertEquals(
                15, TestReply.parse(answer(query, Transport.TCP)).additionals.size());
    }

    @Test
    @DisplayName("D15: what does not fit even over TCP is a subset; pointers stay below 16 kB")
    void answersASubsetWhereTcpIsTooSmall() {
        zone = Zones.many(6000);
        for (int type : new int[] {Wire.A, Wire.SRV}) {
            TestReply reply = TestReply.parse(
                    answer(TestQuery.of("many.shop.svc." + ZONE, type).bytes(), Transport.TCP));
            assertTrue(reply.answers.size() > 500 && reply.answers.size() < 6000, "answers " + reply.answers.size());
            assertEquals(reply.answers.size(), Set.copyOf(reply.answers).size());
            assertFalse(reply.has(Wire.TC));
        }
    }

    private TestReply ask(String name, int type) {
        return TestReply.parse(answer(TestQuery.of(name + "." + ZONE, type).bytes(), Transport.UDP));
    }

    private byte[] answer(byte[] query, Transport transport) {
        int length = answerer.answer(query, query.length, transport);
        return Arrays.copyOf(answerer.bytes(), length);
    }
}
