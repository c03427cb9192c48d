package io.tombolo.dns.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.zone.Zones;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D14 with real sockets on loopback: what clients may ask of TCP, and what they may not take (RFC 7766, RFC 9210). */
@Timeout(30)
class TcpServerTest {
    private static final byte[] WEB =
            TestQuery.of("web.shop.svc.clusterset.local", Wire.A).bytes();
    private static final byte[] MANY =
            TestQuery.of("many.shop.svc.clusterset.local", Wire.A).bytes();
    private static final TcpLimits LIMITS = new TcpLimits(6, 4, 4096, Duration.ofSeconds(10));
    private static final Duration SHORT = Duration.ofMillis(700);

    private final ServedZone served = new ServedZone();
    private DnsServer server;

    @BeforeEach
    void start() throws IOException {
        served.serve(Zones.shop());
        start(LIMITS);
    }

    private void start(TcpLimits limits) throws IOException {
        server = DnsServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), served, new QueryCounters(), limits);
    }

    private void startImpatient() throws IOException {
        server.close();
        start(new TcpLimits(LIMITS.connections(), LIMITS.perClient(), LIMITS.queryBytes(), SHORT));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void answersPipelinedQueries() throws IOException {
        try (TcpClient client = TcpClient.connect(server.port())) {
            byte[] one = TcpClient.framed(WEB);
            byte[] burst = new byte[one.length * 300];
            for (int i = 0; i < 300; i++) {
                System.arraycopy(one, 0, burst, i * one.length, one.length);
                burst[i * one.length + 2] = (byte) (i >>> 8);
                burst[i * one.length + 3] = (byte) i;
            }
            client.send(burst);
            for (int i = 0; i < 300; i++) {
                assertEquals(i, client.read().id);
            }
        }
    }

    @Test
    void answersWhoSaysThatNothingMoreComes() throws IOException {
        try (TcpClient client = TcpClient.connect(server.port())) {
            client.send(TcpClient.framed(WEB));
            client.send(TcpClient.framed(WEB));
            client.sendNoMore();
            assertEquals(1, client.read().answers.size());
            assertEquals(1, client.read().answers.size());
            assertTrue(client.isEnded());
        }
    }

    @Test
    @DisplayName("D20: no zone transfer over TCP either")
    void refusesZoneTransfers() throws IOException {
        try (TcpClient client = TcpClient.connect(server.port())) {
            for (int type : new int[] {Wire.AXFR, Wire.IXFR}) {
                byte[] query = TestQuery.of("clusterset.local", type).bytes();
                assertEquals(Wire.REFUSED, client.ask(query).rcode());
            }
        }
    }

    @Test
    void endsIdleConnectionsAndThoseThatTrickleWhenTheirTimeIsUp() throws IOException {
        startImpatient();
        long start = System.nanoTime();
        try (TcpClient idle = TcpClient.connect(server.port());
                TcpClient trickling = TcpClient.connect(server.port())) {
            trickling.send((byte) 0);
            assertTrue(idle.isEnded());
            assertTrue(trickling.isEnded());
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.compareTo(SHORT) >= 0, "ended after " + took);
        }
    }

    @Test
    void endsConnectionsThatDoNotSpeakDns() throws IOException {
        try (TcpClient tooLong = TcpClient.connect(server.port());
                TcpClient answering = TcpClient.connect(server.port())) {
            tooLong.send((byte) 0xff, (byte) 0xff, (byte) 0);
            answering.send(TcpClient.framed(
                    TestQuery.of("web.shop.svc.clusterset.local", Wire.A).flags(0x8000)));
            assertTrue(tooLong.isEnded());
            assertTrue(answering.isEnded());
        }
    }

    @Test
    void endsWhatIsBeyondAClientsShareAndServesItAgainAfter() throws IOException {
        List<TcpClient> share = connected("127.0.0.1", LIMITS.perClient());
        try (TcpClient beyond = TcpClient.connect(server.port());
                TcpClient another = TcpClient.connectFrom("127.0.0.2", server.port())) {
            assertTrue(beyond.isEnded());
            assertEquals(1, another.ask(WEB).answers.size());
        }
        share.getFirst().close();
        await().atMost(Duration.ofSeconds(10)).until(() -> server.connections() < LIMITS.perClient());
        try (TcpClient next = TcpClient.connect(server.port())) {
            assertEquals(1, next.ask(WEB).answers.size());
        }
        closeAll(share);
    }

    @Test
    void endsWhatIsBeyondTheLimitOfAllClientsTogether() throws IOException {
        List<TcpClient> all = connected("127.0.0.1", LIMITS.perClient());
        all.addAll(connected("127.0.0.2", LIMITS.connections() - LIMITS.perClient()));
        try (TcpClient beyond = TcpClient.connectFrom("127.0.0.3", server.port())) {
            assertTrue(beyond.isEnded());
        }
        assertEquals(1, all.getLast().ask(WEB).answers.size());
        closeAll(all);
    }

    @Test
    void slowReadersDoNotHoldOthersUpAndAreEnded() throws IOException {
        startImpatient();
        served.serve(Zones.many(4000));
        try (TcpClient slow = TcpClient.connectWithSmallBuffer(server.port())) {
            for (int i = 0; i < 60; i++) {
                slow.send(TcpClient.framed(MANY));
            }
            try (TcpClient other = TcpClient.connect(server.port())) {
                assertEquals(4000, other.ask(MANY).answers.size());
            }
            assertEquals(Wire.NOERROR, LoopbackClient.rcode(server.port(), "clusterset.local"));
            await().atMost(Duration.ofSeconds(10)).until(() -> server.connections() == 0);
            assertTrue(slow.bytesUntilEnd() < 60L * 64_000);
        }
    }

    /** Connections that the server has taken: each has been answered. */
    private List<TcpClient> connected(String source, int count) throws IOException {
        List<TcpClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            TcpClient client = TcpClient.connectFrom(source, server.port());
            assertEquals(1, client.ask(WEB).answers.size());
            clients.add(client);
        }
        return clients;
    }

    private static void closeAll(List<TcpClient> clients) throws IOException {
        for (TcpClient client : clients) {
            client.close();
        }
    }
}
