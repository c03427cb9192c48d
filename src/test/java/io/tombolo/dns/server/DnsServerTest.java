package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.zone.Zones;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real sockets on loopback. */
@Timeout(20)
class DnsServerTest {
    private static final String WEB = "web.shop.svc.clusterset.local";
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final ServedZone served = new ServedZone();
    private DnsServer server;

    @BeforeEach
    void start() throws IOException {
        served.serve(Zones.shop());
        server = DnsServer.start(new InetSocketAddress(LOOPBACK, 0), served, new QueryCounters());
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
                TcpClient tcp = TcpClient.connect(server.port())) {
            assertTrue(exchange(socket, query).has(Wire.TC));
            assertEquals(200, tcp.ask(query).answers.size());
        }
    }

    @Test
    @DisplayName("D21: sources outside the ranges get silence over UDP, and over TCP no connection")
    void givesNoAnswerToSourcesOutsideTheRanges() throws IOException {
        server.close();
        server = DnsServer.start(new InetSocketAddress(0), served, new QueryCounters());
        InetAddress address = addressBesidesLoopback();
        byte[] query = TestQuery.of(WEB, Wire.A).bytes();
        try (DatagramSocket outside = new DatagramSocket(new InetSocketAddress(address, 0));
                DatagramSocket inside = udp()) {
            served.answerOnly(new SourceRanges(List.of(Cidr.parse("127.0.0.0/8"))));
            outside.send(new DatagramPacket(query, query.length, address, server.port()));
            exchange(inside, query); // asked after the other one, so by now that has been dealt with
            outside.setSoTimeout(1);
            DatagramPacket reply = new DatagramPacket(new byte[512], 512);
            assertThrows(SocketTimeoutException.class, () -> outside.receive(reply));
            try (TcpClient tcp = TcpClient.connectWithin(address, server.port())) {
                assertTrue(tcp.isEnded());
            }
            served.answerOnly(new SourceRanges(List.of(Cidr.parse(Addresses.text(address) + "/32"))));
            outside.setSoTimeout(5000);
            outside.send(new DatagramPacket(query, query.length, address, server.port()));
            outside.receive(reply);
            try (TcpClient tcp = TcpClient.connectWithin(address, server.port())) {
                assertEquals(1, tcp.ask(query).answers.size());
            }
        }
    }

    @Test
    void allowsItsRangesAndLoopbackAndWhileNoneIsKnownAll() {
        SourceRanges ranges = new SourceRanges(List.of(Cidr.parse("10.42.0.0/16"), Cidr.parse("fd42::/48")));
        assertTrue(ranges.allows(InetAddress.ofLiteral("10.42.7.7")));
        assertTrue(ranges.allows(InetAddress.ofLiteral("fd42::1")));
        assertTrue(ranges.allows(LOOPBACK));
        assertFalse(ranges.allows(InetAddress.ofLiteral("10.52.0.1")));
        assertFalse(ranges.allows(InetAddress.ofLiteral("8.8.8.8")));
        assertTrue(new SourceRanges(List.of()).allows(InetAddress.ofLiteral("8.8.8.8")));
    }

    @Test
    @DisplayName("D24: neither port 0 nor itself")
    void answersNeitherPortZeroNorItself() {
        Set<InetAddress> own = Set.of(LOOPBACK);
        assertFalse(UdpLoop.mayAnswer(new InetSocketAddress(LOOPBACK, 0), 5353, own));
        assertFalse(UdpLoop.mayAnswer(new InetSocketAddress(LOOPBACK, 5353), 5353, own));
        assertTrue(UdpLoop.mayAnswer(new InetSocketAddress(LOOPBACK, 5354), 5353, own));
        assertTrue(UdpLoop.mayAnswer(new InetSocketAddress("10.42.0.9", 5353), 5353, own));
    }

    @Test
    @DisplayName("D25: a change is whole")
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

    private static InetAddress addressBesidesLoopback() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError("this machine has no IPv4 address besides loopback: give it one"));
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
}
