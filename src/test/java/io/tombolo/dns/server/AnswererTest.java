package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.server.Answerer.Transport;
import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the zone's names are answered, and how; rows D1-D26 of the acceptance table. */
class AnswererTest {
    private static final String ZONE = "clusterset.local";
    private static final String SOA =
            ZONE + ". 5 SOA ns.dns.clusterset.local. hostmaster.clusterset.local. SERIAL 7200 1800 86400 5";

    private Zone zone = Zones.shop();
    private final Answerer answerer = new Answerer(() -> zone, new QueryCounters(), new Rotation(42));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web.shop.svc    | 1  | web.shop.svc.clusterset.local. 5 A 10.43.0.10",
                "dual.shop.svc   | 28 | dual.shop.svc.clusterset.local. 5 AAAA fd43::11",
                "_http._tcp.web.shop.svc | 33 | _http._tcp.web.shop.svc.clusterset.local. 5 SRV 0 1 80 web.shop.svc.clusterset.local.",
                "web.shop.svc    | 33 | web.shop.svc.clusterset.local. 5 SRV 0 1 80 web.shop.svc.clusterset.local.",
                "dual.shop.svc   | 33 | dual.shop.svc.clusterset.local. 5 SRV 0 1 53 dual.shop.svc.clusterset.local.",
                "db-0.east.db.shop.svc | 1 | db-0.east.db.shop.svc.clusterset.local. 5 A 10.52.1.2",
                "10-52-1-3.east.db.shop.svc | 1 | 10-52-1-3.east.db.shop.svc.clusterset.local. 5 A 10.52.1.3",
                "db-0.west.db.shop.svc | 28 | db-0.west.db.shop.svc.clusterset.local. 5 AAAA fd42::7",
                "db.shop.svc     | 28 | db.shop.svc.clusterset.local. 5 AAAA fd42::7",
                "dns-version     | 16 | dns-version.clusterset.local. 5 TXT \"1.0.0\"",
                "''              | 2  | clusterset.local. 5 NS ns.dns.clusterset.local.",
                "ns.dns          | 1  | ns.dns.clusterset.local. 5 A 10.43.0.53",
            })
    @DisplayName("D7 D8 D11: one record")
    void answersOneRecord(String name, int type, String record) {
        TestReply reply = ask(name, type);
        assertEquals(List.of(record), reply.answers);
        assertEquals(Wire.NOERROR, reply.rcode());
        assertTrue(reply.has(Wire.AA));
        assertEquals(List.of(), reply.authorities);
    }

    @Test
    @DisplayName("headless: all ready endpoints of live clusters")
    void answersEveryReadyEndpointOfLiveClusters() {
        assertEquals(
                Set.of("db.shop.svc.clusterset.local. 5 A 10.52.1.2", "db.shop.svc.clusterset.local. 5 A 10.52.1.3"),
                Set.copyOf(ask("db.shop.svc", Wire.A).answers));
    }

    @Test
    @DisplayName("headless SRV: one per endpoint and named port, each target's address once")
    void answersSrvPerEndpoint() {
        TestReply reply = ask("_http._tcp.db.shop.svc", Wire.SRV);
        assertEquals(
                Set.of(
                        "_http._tcp.db.shop.svc.clusterset.local. 5 SRV 0 1 80 db-0.east.db.shop.svc.clusterset.local.",
                        "_http._tcp.db.shop.svc.clusterset.local. 5 SRV 0 1 80 10-52-1-3.east.db.shop.svc.clusterset.local.",
                        "_http._tcp.db.shop.svc.clusterset.local. 5 SRV 0 1 80 db-0.west.db.shop.svc.clusterset.local."),
                Set.copyOf(reply.answers));
        assertEquals(
                Set.of(
                        "db-0.east.db.shop.svc.clusterset.local. 5 A 10.52.1.2",
                        "10-52-1-3.east.db.shop.svc.clusterset.local. 5 A 10.52.1.3",
                        "db-0.west.db.shop.svc.clusterset.local. 5 AAAA fd42::7"),
                Set.copyOf(reply.additionals));
        assertEquals(3, reply.additionals.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "web.shop.svc 28",
                "web.shop.svc 16",
                "svc 1",
                "shop.svc 1",
                "east.db.shop.svc 1",
                "_tcp.web.shop.svc 33",
                "_tcp.db.shop.svc 1",
                "dns 1",
                "web.shop.svc 0",
                "web.shop.svc 65535",
                "svc 255",
                " 1",
                "dns-version 1",
                "_http._tcp.web.shop.svc 1"
            })
    @DisplayName("D3 D4 D10: a name that exists without the type gets NODATA and the SOA")
    void answersNodata(String nameAndType) {
        String[] parts = nameAndType.split(" ");
        TestReply reply = ask(parts[0], Integer.parseInt(parts[1]));
        assertEquals(Wire.NOERROR, reply.rcode());
        assertEquals(List.of(), reply.answers);
        assertEquals(List.of(SOA), reply.authorities);
        assertTrue(reply.has(Wire.AA));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nope",
                "nope.shop.svc",
                "web.nope.svc",
                "east.web.shop.svc",
                "x.east.web.shop.svc",
                "gone.shop.svc",
                "north.gone.shop.svc",
                "gone-0.north.gone.shop.svc",
                "north.db.shop.svc",
                "db-1.east.db.shop.svc",
                "_udp.web.shop.svc",
                "_smtp._tcp.web.shop.svc",
                "a.dns-version",
                "x.web.shop.svc",
                "web.shop"
            })
    @DisplayName("D4 D5 D6 D26: a name with nothing at or below it is NXDOMAIN with the SOA")
    void answersNxdomain(String name) {
        for (int type : new int[] {Wire.A, Wire.AAAA, Wire.SRV, Wire.ANY}) {
            TestReply reply = ask(name, type);
            assertEquals(Wire.NXDOMAIN, reply.rcode());
            assertEquals(List.of(), reply.answers);
            assertEquals(List.of(SOA), reply.authorities);
        }
    }

    @Test
    @DisplayName("D11: the apex has a SOA, and its serial moves with the zone")
    void answersTheSoaWithAMovingSerial() {
        TestReply before = ask("", Wire.SOA);
        byte[] first = answer(TestQuery.of(ZONE, Wire.SOA).bytes(), Transport.UDP);
        zone = zone.with(Map.of(), cluster -> true, 9);
        byte[] second = answer(TestQuery.of(ZONE, Wire.SOA).bytes(), Transport.UDP);
        assertEquals(List.of(SOA), before.answers);
        assertEquals(1, Integer.compare(second[second.length - 17], first[first.length - 17]));
    }

    @Test
    @DisplayName("D1: ID, RD and the question's bytes come back, letter case kept")
    void keepsTheQuestionsBytes() {
        byte[] query = TestQuery.of("wEb.ShOp.SvC.cLuStErSeT.LoCaL", Wire.A).flags(0x0000);
        TestReply reply = TestReply.parse(answer(query, Transport.UDP));
        assertEquals(0x1234, reply.id);
        assertFalse(reply.has(Wire.RD));
        assertArrayEquals(Arrays.copyOfRange(query, 12, query.length), reply.question());
        assertEquals(List.of("wEb.ShOp.SvC.cLuStErSeT.LoCaL. 5 A 10.43.0.10"), reply.answers);
    }

    @Test
    @DisplayName("D2: QR and AA set, RA, Z and AD clear, CD copied; a query's TC, AA, Z, AD and rcode are ignored")
    void setsTheHeadersFlags() {
        assertEquals(0x8400, flagsOfReplyTo(0x0000));
        assertEquals(0x8500, flagsOfReplyTo(0x0100));
        assertEquals(0x8410, flagsOfReplyTo(0x0010));
        assertEquals(0x8510, flagsOfReplyTo(0x07ff));
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 10.83", "1, 3, 13.82", "1, 10, 27.88", "33, 7, 22.46"})
    @DisplayName(
            "D17: each record stands first equally often (chi-square, p = 0.001), also for who asks AAAA in between")
    void rotatesEvenly(int type, int records, double limit) {
        zone = Zones.many(records);
        int rounds = 20_000;
        Map<String, Integer> first = new HashMap<>();
        for (int i = 0; i < rounds; i++) {
            first.merge(ask("many.shop.svc", type).answers.getFirst(), 1, Integer::sum);
            ask("many.shop.svc", Wire.AAAA);
        }
        double expected = (double) rounds / records;
        double chiSquare = first.values().stream()
                .mapToDouble(n -> (n - expected) * (n - expected) / expected)
                .sum();
        assertEquals(records, first.size());
        assertTrue(chiSquare < limit, "chi-square " + chiSquare);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 30})
    @DisplayName("D3 D18: every record has the TTL configured here, negative answers too")
    void usesTheTtlConfigured(int ttl) {
        zone = Zone.empty(ttl, 1, List.of());
        assertEquals(
                List.of("dns-version.clusterset.local. " + ttl + " TXT \"1.0.0\""), ask("dns-version", 16).answers);
        String no = ask("nope", Wire.A).authorities.getFirst();
        assertTrue(no.startsWith("clusterset.local. " + ttl + " SOA") && no.endsWith(" " + ttl), no);
        assertThrows(IllegalArgumentException.class, () -> Zone.empty(31, 1, List.of()));
    }

    @Test
    @DisplayName("D19: ANY gets one RRset")
    void answersAnyWithOneRrset() {
        assertEquals(List.of("dual.shop.svc.clusterset.local. 5 A 10.43.0.11"), ask("dual.shop.svc", Wire.ANY).answers);
        assertEquals(List.of(SOA), ask("", Wire.ANY).answers);
        assertEquals(1, ask("dns-version", Wire.ANY).answers.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"example.com", "local", "", "clusterset.local.example", "xclusterset.local", "10.43.in-addr.arpa"
            })
    @DisplayName("D9 D20: other zones are refused, without AA")
    void refusesOtherZones(String name) {
        TestReply reply = TestReply.parse(answer(TestQuery.of(name, Wire.A).bytes(), Transport.UDP));
        assertEquals(Wire.REFUSED, reply.rcode());
        assertFalse(reply.has(Wire.AA));
        assertEquals(0, reply.answers.size() + reply.authorities.size());
    }

    @Test
    @DisplayName("D26: SERVFAIL while unsynced, and only then")
    void failsWhileUnsynced() {
        Answerer unsynced = new Answerer(() -> null, new QueryCounters(), new Rotation(1));
        byte[] query = TestQuery.of("web.shop.svc." + ZONE, Wire.A).bytes();
        int length = unsynced.answer(query, query.length, Transport.UDP);
        TestReply reply = TestReply.parse(Arrays.copyOf(unsynced.bytes(), length));
        assertEquals(Wire.SERVFAIL, reply.rcode());
        assertFalse(reply.has(Wire.AA));
    }

    @Test
    @DisplayName("D21: no answer over UDP is more than 1232 bytes; the ratio stays what it is")
    void boundsAmplification() {
        Set<String> ratios = new HashSet<>();
        for (int type : new int[] {Wire.A, Wire.AAAA, Wire.SRV, Wire.TXT, Wire.ANY}) {
            byte[] query = TestQuery.withOpt("db.shop.svc." + ZONE, type, 4096).bytes();
            byte[] reply = answer(query, Transport.UDP);
            assertTrue(reply.length <= Wire.MAX_UDP);
            ratios.add(type + ": " + Math.round(10.0 * reply.length / query.length) / 10.0);
        }
        assertEquals(Set.of("1: 1.6", "28: 1.5", "33: 5.2", "16: 1.9", "255: 1.6"), ratios);
    }

    private int flagsOfReplyTo(int flags) {
        byte[] query = TestQuery.of("web.shop.svc." + ZONE, Wire.A).flags(flags);
        return TestReply.parse(answer(query, Transport.UDP)).flags;
    }

    private TestReply ask(String name, int type) {
        String full = name.isEmpty() ? ZONE : name + "." + ZONE;
        return TestReply.parse(answer(TestQuery.of(full, type).bytes(), Transport.UDP));
    }

    private byte[] answer(byte[] query, Transport transport) {
        int length = answerer.answer(query, query.length, transport);
        return Arrays.copyOf(answerer.bytes(), length);
    }
}
