package io.tombolo.dns.server;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.zone.Zones;
import io.tombolo.net.Cidr;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real sockets on loopback. */
@Timeout(20)
class DnsServerTest {
    private static final String WEB = "web.shop.svc.clusterset.local";
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final TcpLimits LIMITS = new TcpLimits(6, 4, 4096, Duration.ofSeconds(10));
    private static final TcpLimits IMPATIENT = new TcpLimits(6, 4, 4096, Duration.ofMillis(700));

    private final ServedZone served = new ServedZone();
    private DnsServer server;

    @BeforeEach
    void start() throws IOException {
        served.serve(Zones.shop());
        start(LIMITS);
    }

    private void start(TcpLimits limits) throws IOException {
        server = DnsServer.start(new InetSocketAddress(LOOPBACK, 0), served, new QueryCounters(), limits);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void answersOverUdp() throws IOException {
        try (DatagramSocket socket = udp()) {
            TestReply reply = exchange(socket, TestQuery.of(WEB, Wire.A).bytes());
            assertEquals(List.of(WEB + ". 5 A 10.43.0.10"), reply.answers);
        }
    }

    @Test
    void answersAfterPacketsThatGetNoAnswer() throws IOException {
        try (DatagramSocket socket = udp()) {
            send(socket, new byte[3]);
            send(socket, TestQuery.of(WEB, Wire.A).flags(0x8000));
            assertEquals(
                    1,
                    exchange(socket, TestQuery.of(WEB, Wire.A).bytes()).answers.size());
        }
    }

    @Test
    void retriesOverTcpGetWhatUdpTruncated() throws IOException {
        served.serve(Zones.many(200));
        byte[] query = TestQuery.of("many.shop.svc.clusterset.local", Wire.A).bytes();
        try (DatagramSocket socket = udp();
                Socket tcp = tcp()) {
            assertTrue(exchange(socket, query).has(Wire.TC));
            tcp.getOutputStream().write(framed(query));
            assertEquals(200, read(tcp).answers.size());
        }
    }

    @Test
    void answersTcpQueriesSplitAtEveryByte() throws IOException {
        try (Socket tcp = tcp()) {
            for (byte b : framed(TestQuery.of(WEB, Wire.A).bytes())) {
                tcp.getOutputStream().write(b);
            }
            assertEquals(1, read(tcp).answers.size());
        }
    }

    @Test
    void answersPipelinedQueries() throws IOException {
        try (Socket tcp = tcp()) {
            byte[] one = framed(TestQuery.of(WEB, Wire.A).bytes());
            byte[] burst = new byte[one.length * 300];
            for (int i = 0; i < 300; i++) {
                System.arraycopy(one, 0, burst, i * one.length, one.length);
                burst[i * one.length + 2] = (byte) (i >>> 8);
                burst[i * one.length + 3] = (byte) i;
            }
            tcp.getOutputStream().write(burst);
            for (int i = 0; i < 300; i++) {
                assertEquals(i, read(tcp).id);
            }
        }
    }

    @Test
    void endsIdleConnectionsAndThoseThatTrickle() throws IOException {
        server.close();
        start(IMPATIENT);
        try (Socket idle = tcp();
                Socket trickling = tcp()) {
            trickling.getOutputStream().write(0);
            assertEquals(-1, idle.getInputStream().read());
            assertEquals(-1, trickling.getInputStream().read());
        }
    }

    @Test
    void endsConnectionsThatDoNotSpeakDns() throws IOException {
        try (Socket tooLong = tcp();
                Socket answering = tcp()) {
            tooLong.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0xff, 0});
            answering.getOutputStream().write(framed(TestQuery.of(WEB, Wire.A).flags(0x8000)));
            assertTrue(isClosed(tooLong));
            assertTrue(isClosed(answering));
        }
    }

    @Test
    void closesWhatIsBeyondTheClientsShareAndServesAgainAfter() throws IOException {
        Socket[] share = new Socket[LIMITS.perClient()];
        for (int i = 0; i < share.length; i++) {
            share[i] = tcp();
            share[i].getOutputStream().write(framed(TestQuery.of(WEB, Wire.A).bytes()));
            read(share[i]);
        }
        try (Socket beyond = tcp()) {
            assertTrue(isClosed(beyond));
        }
        share[0].close();
        await().atMost(Duration.ofSeconds(10)).until(() -> server.connections() < LIMITS.perClient());
        try (Socket next = tcp()) {
            next.getOutputStream().write(framed(TestQuery.of(WEB, Wire.A).bytes()));
            assertEquals(1, read(next).answers.size());
        }
        for (Socket socket : share) {
            socket.close();
        }
    }

    @Test
    void slowReadersDoNotHoldOthersUpAndAreEnded() throws IOException {
        server.close();
        start(IMPATIENT);
        served.serve(Zones.many(4000));
        byte[] query =
                framed(TestQuery.of("many.shop.svc.clusterset.local", Wire.A).bytes());
        try (Socket slow = new Socket();
                DatagramSocket socket = udp();
                Socket other = tcp()) {
            slow.setReceiveBufferSize(4096);
            slow.connect(new InetSocketAddress(LOOPBACK, server.port()));
            slow.setSoTimeout(10_000);
            OutputStream out = slow.getOutputStream();
            for (int i = 0; i < 60; i++) {
                out.write(query);
            }
            other.getOutputStream().write(query);
            assertEquals(4000, read(other).answers.size());
            assertEquals(
                    Wire.NOERROR,
                    exchange(socket, TestQuery.of("clusterset.local", Wire.SOA).bytes())
                            .rcode());
            other.close();
            await().atMost(Duration.ofSeconds(10)).until(() -> server.connections() == 0);
            assertTrue(bytesUntilClosed(slow) < 60L * 64_000);
        }
    }

    @Test
    void givesNoAnswerToSourcesOutsideTheRanges() throws IOException {
        SourceRanges ranges = new SourceRanges(List.of(Cidr.parse("10.42.0.0/16"), Cidr.parse("fd42::/48")));
        assertTrue(ranges.allows(InetAddress.ofLiteral("10.42.7.7")));
        assertTrue(ranges.allows(InetAddress.ofLiteral("fd42::1")));
        assertTrue(ranges.allows(LOOPBACK));
        assertFalse(ranges.allows(InetAddress.ofLiteral("10.52.0.1")));
        assertFalse(ranges.allows(InetAddress.ofLiteral("8.8.8.8")));
        assertTrue(new SourceRanges(List.of()).allows(InetAddress.ofLiteral("8.8.8.8")));
    }

    @Test
    void answersNeitherPortZeroNorItself() {
        Set<InetAddress> own = Set.of(LOOPBACK);
        assertFalse(UdpLoop.mayAnswer(new InetSocketAddress(LOOPBACK, 0), 5353, own));
        assertFalse(UdpLoop.mayAnswer(new InetSocketAddress(LOOPBACK, 5353), 5353, own));
        assertTrue(UdpLoop.mayAnswer(new InetSocketAddress(LOOPBACK, 5354), 5353, own));
        assertTrue(UdpLoop.mayAnswer(new InetSocketAddress("10.42.0.9", 5353), 5353, own));
    }

    @Test
    void showsAChangeWholeOrNotAtAll() throws Exception {
        // the old set is 10.52.0.1-40, the new one 10.52.0.1-41: any other size would be a mixture or a gap
        served.serve(Zones.many(40));
        byte[] query = TestQuery.withOpt("many.shop.svc.clusterset.local", Wire.A, 1232)
                .bytes();
        Thread changes = Thread.ofPlatform().start(() -> {
            for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                served.serve(Zones.many(40 + i % 2));
            }
        });
        try (DatagramSocket socket = udp()) {
            for (int i = 0; i < 2000; i++) {
                TestReply reply = exchange(socket, query);
                int size = reply.answers.size();
                assertTrue(size == 40 || size == 41, "answers " + size);
                assertEquals(size == 41, reply.answers.contains("many.shop.svc.clusterset.local. 5 A 10.52.0.41"));
            }
        } finally {
            changes.interrupt();
            changes.join();
        }
    }

    @Test
    void letsGoOfItsPort() throws IOException {
        int port = server.port();
        server.close();
        try (DatagramSocket socket = udp()) {
            socket.setSoTimeout(200);
            socket.send(new DatagramPacket(new byte[12], 12, LOOPBACK, port));
            assertThrows(SocketTimeoutException.class, () -> socket.receive(new DatagramPacket(new byte[12], 12)));
        }
        server = DnsServer.start(new InetSocketAddress(LOOPBACK, port), served, new QueryCounters());
    }

    private static DatagramSocket udp() throws IOException {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
        socket.setSoTimeout(5000);
        return socket;
    }

    private Socket tcp() throws IOException {
        Socket socket = new Socket(LOOPBACK, server.port());
        socket.setSoTimeout(10_000);
        return socket;
    }

    private void send(DatagramSocket socket, byte[] query) throws IOException {
        socket.send(new DatagramPacket(query, query.length, LOOPBACK, server.port()));
    }

    private TestReply exchange(DatagramSocket socket, byte[] query) throws IOException {
        send(socket, query);
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        socket.receive(packet);
        return TestReply.parse(Arrays.copyOf(packet.getData(), packet.getLength()));
    }

    private static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(message.length + 2)
                .putShort((short) message.length)
                .put(message)
                .array();
    }

    private static TestReply read(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] reply = new byte[in.readUnsignedShort()];
        in.readFully(reply);
        return TestReply.parse(reply);
    }

    private static boolean isClosed(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset: closed with our bytes unread
        }
    }

    private static long bytesUntilClosed(Socket socket) {
        long bytes = 0;
        try {
            byte[] buffer = new byte[65536];
            for (int n = 0; n >= 0; n = socket.getInputStream().read(buffer)) {
                bytes += n;
            }
        } catch (IOException e) {
            return bytes; // reset: the server closed with answers unsent
        }
        return bytes;
    }
}
