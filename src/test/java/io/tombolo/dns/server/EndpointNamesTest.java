package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.dns.server.Answerer.Transport;
import io.tombolo.dns.zone.ImportedService.Port;
import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The names of single endpoints, and how long names may get. */
class EndpointNamesTest {
    private static final String LONG = "a".repeat(63);

    @ParameterizedTest
    @CsvSource({
        "10.52.1.3, 10-52-1-3, 1",
        "fd42::7, fd42--7, 28",
        "fd42:0:0:1::, fd42-0-0-1--, 28",
        "::7, --7, 28",
    })
    @DisplayName("without a hostname: the address with dots or colons as dashes")
    void namesAnEndpointByItsAddress(String address, String label, int type) {
        Zone zone = Zones.of(Zones.headless("shop", "db", Zones.endpoint("east", address, "")));
        assertEquals(
                1,
                ask(zone, label + ".east.db.shop.svc.clusterset.local", type)
                        .answers
                        .size());
        assertEquals(
                List.of("db.shop.svc.clusterset.local. 5 SRV 0 1 80 " + label + ".east.db.shop.svc.clusterset.local."),
                ask(zone, "db.shop.svc.clusterset.local", Wire.SRV).answers);
    }

    @ParameterizedTest
    @ValueSource(ints = {254, 255, 256})
    @DisplayName("D16: a name of 255 bytes exists, one of 256 cannot; its endpoint is found by the service's name only")
    void namesEndpointsUpTo255Bytes(int length) {
        // 22 bytes: svc and the zone; 192: hostname, cluster and service of 63; the rest the namespace
        String namespace = "n".repeat(length - 22 - 3 * 64 - 1);
        Zone zone = Zones.of(Zones.headless(namespace, LONG, Zones.endpoint(LONG, "10.52.0.1", LONG)));
        String service = LONG + "." + namespace + ".svc.clusterset.local";
        int named = length <= 255 ? 1 : 0;
        assertEquals(1, ask(zone, service, Wire.A).answers.size());
        assertEquals(named, ask(zone, service, Wire.SRV).answers.size());
        assertEquals(named, ask(zone, "_http._tcp." + service, Wire.SRV).answers.size());
        TestReply endpoint = ask(zone, LONG + "." + LONG + "." + service, Wire.A);
        assertEquals(length <= 255 ? Wire.NOERROR : Wire.FORMERR, endpoint.rcode());
        assertEquals(named, endpoint.answers.size());
    }

    @Test
    @DisplayName("D16: a port whose name is 63 bytes has no room for the underscore, and no SRV record of its own")
    void leavesOutPortsWithoutRoomForTheirName() {
        Port port = new Port("p".repeat(62), io.tombolo.net.Transport.TCP, 80);
        Port tooLong = new Port("p".repeat(63), io.tombolo.net.Transport.TCP, 81);
        Zone zone = Zones.of(Zones.clusterSetIp("shop", "web", List.of("10.43.0.10"), port, tooLong));
        String service = "web.shop.svc.clusterset.local";
        assertEquals(
                1,
                ask(zone, "_" + "p".repeat(62) + "._tcp." + service, Wire.SRV)
                        .answers
                        .size());
        assertEquals(2, ask(zone, service, Wire.SRV).answers.size());
    }

    private static TestReply ask(Zone zone, String name, int type) {
        Answerer answerer = new Answerer(() -> zone, new QueryCounters(), new Rotation(42));
        byte[] query = TestQuery.withOpt(name, type, Wire.MAX_UDP).bytes();
        int length = answerer.answer(query, query.length, Transport.UDP);
        return TestReply.parse(Arrays.copyOf(answerer.bytes(), length));
    }
}
