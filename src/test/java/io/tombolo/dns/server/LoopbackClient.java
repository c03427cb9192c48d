package io.tombolo.dns.server;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks a server on this machine over UDP. */
public final class LoopbackClient {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private LoopbackClient() {}

    /** The A records of a name. */
    public static Set<String> addresses(int port, String name) throws IOException {
        return ask(port, name).answers.stream()
                .map(record -> record.substring(record.lastIndexOf(' ') + 1))
                .collect(Collectors.toSet());
    }

    public static int rcode(int port, String name) throws IOException {
        return ask(port, name).rcode();
    }

    private static TestReply ask(int port, String name) throws IOException {
        byte[] query = TestQuery.withOpt(name, Wire.A, Wire.MAX_UDP).bytes();
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            socket.setSoTimeout(5000);
            socket.send(new DatagramPacket(query, query.length, LOOPBACK, port));
            DatagramPacket reply = new DatagramPacket(new byte[2000], 2000);
            socket.receive(reply);
            return TestReply.parse(Arrays.copyOf(reply.getData(), reply.getLength()));
        }
    }
}
