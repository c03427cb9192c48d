package io.tombolo.gateway;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of its own inside a namespace. {@code echo ADDRESS PORT} answers every datagram; {@code send ADDRESS PORT
 * COUNT} sends one numbered datagram a millisecond, says {@code started} after the first answer, and prints how many
 * were never answered.
 */
public final class UdpFlow {
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
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(1500);
            Thread receiver = new Thread(() -> {
                DatagramPacket packet = new DatagramPacket(new byte[64], 64);
                try {
                    while (answered.cardinality() < count) {
                        socket.receive(packet);
                        if (answered.isEmpty()) {
                            byte[] seen = java.util.Arrays.copyOfRange(packet.getData(), 4, packet.getLength());
                            System.out.println(
                                    "started " + InetAddress.getByAddress(seen).getHostAddress());
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
            long next = System.nanoTime();
            for (int i = 0; i < count; i++) {
                byte[] data = ByteBuffer.allocate(64).putInt(i).array();
                socket.send(new DatagramPacket(data, data.length, address, port));
                next += 1_000_000;
                LockSupport.parkNanos(next - System.nanoTime());
            }
            receiver.join();
        }
        return count - answered.cardinality();
    }
}
