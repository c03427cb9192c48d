package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One connection, step by step: each read takes what one write of the client brought, and time is what we say it is. */
@Timeout(20)
class TcpConnectionTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final byte[] QUERY = TcpClient.framed(
            TestQuery.of("web.shop.svc.clusterset.local", Wire.A).bytes());
    private static final long PATIENCE = 1000;

    private final Zone zone = Zones.shop();
    private SocketChannel client;
    private SocketChannel accepted;
    private TcpConnection connection;

    @BeforeEach
    void connect() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open().bind(new InetSocketAddress(LOOPBACK, 0))) {
            client = SocketChannel.open(listener.getLocalAddress());
            accepted = listener.accept();
            client.setOption(
                    StandardSocketOptions.TCP_NODELAY, true); // else every second write waits for an acknowledgement
        }
        connection = new TcpConnection(
                accepted,
                LOOPBACK,
                new Answerer(() -> zone, new QueryCounters(), new Rotation(42)),
                new TcpLimits(1, 1, 4096, Duration.ofNanos(PATIENCE)),
                0);
    }

    @AfterEach
    void disconnect() throws IOException {
        client.close();
        accepted.close();
    }

    @Test
    @DisplayName("D14: two queries in one stream, split in two at any byte")
    void answersQueriesSplitAtAnyByte() throws IOException {
        ByteBuffer both = ByteBuffer.allocate(2 * QUERY.length).put(QUERY).put(QUERY);
        both.put(QUERY.length + 3, (byte) 0x35); // the second's ID
        for (int split = 1; split < both.capacity(); split++) {
            client.write(both.slice(0, split));
            assertTrue(connection.read(1));
            client.write(both.slice(split, both.capacity() - split));
            assertTrue(connection.read(1));
            assertEquals(0x1234, reply().id);
            assertEquals(0x1235, reply().id);
        }
    }

    @Test
    @DisplayName("D14: the patience counts from the last query that was answered, not from the last byte")
    void isOverdueWithoutAWholeQuery() throws IOException {
        assertFalse(connection.isOverdue(PATIENCE));
        assertTrue(connection.isOverdue(PATIENCE + 1));
        client.write(ByteBuffer.wrap(QUERY));
        connection.read(600);
        assertFalse(connection.isOverdue(PATIENCE + 600));
        client.write(ByteBuffer.wrap(QUERY, 0, 20));
        connection.read(1500);
        assertTrue(connection.isOverdue(PATIENCE + 601));
    }

    private TestReply reply() throws IOException {
        ByteBuffer length = ByteBuffer.allocate(2);
        readFully(length);
        ByteBuffer reply = ByteBuffer.allocate(length.getShort(0));
        readFully(reply);
        return TestReply.parse(reply.array());
    }

    private void readFully(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            assertTrue(client.read(buffer) >= 0, "the connection ended");
        }
    }
}
