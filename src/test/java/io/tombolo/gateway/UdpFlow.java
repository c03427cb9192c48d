package io.tombolo.gateway;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of its own inside a namespace. {@code echo ADDRESS PORT} answers every datagram; {@code send ADDRESS PORT
 * COUNT} sends numbered datagrams: the first, whose answer it waits for, since there may be a handshake first and
 * wireguard-go keeps only 128 that wait for one; then the others, one a millisecond. It says {@code started}, and the source
 * that the first answer names, when that goes on, prints in the end how many were never answered, and which to standard
 * error.
 */
public final class UdpFlow {
    /** What WireGuard makes of one datagram sent: 28 bytes of headers and 64 of data, padded to 16, and 32 of its own. */
    static final int BYTES_IN_LANE = 128;

    private static final int DATA = 64;

    /** What happens to a flow happens after so many: a JVM that sends its first ones does not send one a millisecond. */
    private static final int PACE = 50;

    private UdpFlow() {}

    public static void main(String[] args) throws Exception {
        InetAddress address = InetAddress.ofLiteral(args[1]);
        int port = Integer.parseInt(args[2]);
        if (args[0].equals("echo")) {
            echo(address, port);
        } else {
            System.out.println("lost " + send(address, port, Integer.parseInt(args[3])));
        }
    }

    private static void echo(InetAddress address, int port) throws Exception {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, port))) {
            System.out.println("listening");
            DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
            while (true) {
                packet.setLength(2048);
                socket.receive(packet);
                // the answer names the source that was seen
                byte[] seen = packet.getAddress().getAddress();
                byte[] answer = new byte[4 + seen.length];
                System.arraycopy(packet.getData(), 0, answer, 0, 4);
                System.arraycopy(seen, 0, answer, 4, seen.length);
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        }
    }

    private static int send(InetAddress address, int port, int count) throws Exception {
        BitSet answered = new BitSet();
        CompletableFuture<String> source = new CompletableFuture<>();
        LocalTime began = LocalTime.now(); // the first call takes a busy machine longer than a failover does
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(1500);
            Thread receiver = new Thread(() -> {
                DatagramPacket packet = new DatagramPacket(new byte[DATA], DATA);
                try {
                    while (answered.cardinality() < count) {
                        socket.receive(packet);
                        if (answered.isEmpty()) {
                            byte[] seen = Arrays.copyOfRange(packet.getData(), 4, packet.getLength());
                            source.complete(InetAddress.getByAddress(seen).getHostAddress());
                        }
                        answered.set(ByteBuffer.wrap(packet.getData()).getInt());
                    }
                } catch (SocketTimeoutException e) {
                    // what has not come by now is lost
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            receiver.start();
            send(socket, address, port, 0);
            source.completeOnTimeout("nobody", 1, TimeUnit.SECONDS).join();
            began = LocalTime.now();
            long next = System.nanoTime();
            for (int i = 1; i < count; i++) {
                send(socket, address, port, i);
                if (i == PACE) {
                    System.out.println("started " + source.join());
                }
                next += 1_000_000;
                LockSupport.parkNanos(next - System.nanoTime());
            }
            receiver.join();
        }
        int lost = count - answered.cardinality();
        if (lost > 0) {
            System.err.println("sent from " + began + " on, and never answered: " + gaps(answered, count));
        }
        return lost;
    }

    /** Such as {@code 17-25 4031-4031}, the first twenty. */
    private static String gaps(BitSet answered, int count) {
        List<String> gaps = new ArrayList<>();
        for (int from = answered.nextClearBit(0); from < count && gaps.size() < 20; ) {
            int next = answered.nextSetBit(from);
            int end = next < 0 ? count : next;
            gaps.add(from + "-" + (end - 1));
            from = answered.nextClearBit(end);
        }
        return String.join(" ", gaps);
    }

    private static void send(DatagramSocket socket, InetAddress address, int port, int number) throws IOException {
        byte[] data = ByteBuffer.allocate(DATA).putInt(number).array();
        socket.send(new DatagramPacket(data, data.length, address, port));
    }
}
