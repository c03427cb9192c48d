package io.tombolo.node;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.NetworkNamespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;

/** Network namespaces that stand for machines: how they are connected, and what one hears of another. */
final class NodeMachines {
    private NodeMachines() {}

    static void cable(
            NetworkNamespace a, String deviceA, String addressA, NetworkNamespace b, String deviceB, String addressB)
            throws CommandFailedException {
        a.run("ip", "link", "add", deviceA, "type", "veth", "peer", "name", deviceB, "netns", b.name());
        address(a, deviceA, addressA);
        address(b, deviceB, addressB);
        a.run("ip", "link", "set", deviceA, "up");
        b.run("ip", "link", "set", deviceB, "up");
    }

    private static void address(NetworkNamespace machine, String device, String address) throws CommandFailedException {
        if (address.indexOf(':') < 0) {
            machine.run("ip", "addr", "add", address, "dev", device);
        } else {
            machine.run("ip", "addr", "add", address, "dev", device, "nodad");
        }
    }

    /** Sends one datagram from {@code client}. @return the source address that {@code server} saw and answered to */
    static String seenBy(NetworkNamespace server, String address, int port, NetworkNamespace client) throws Exception {
        return seenBy(server, address, address, port, client);
    }

    /** @param known what the client knows the server's address as */
    static String seenBy(NetworkNamespace server, String address, String known, int port, NetworkNamespace client)
            throws Exception {
        DatagramSocket listening = server.within(() -> new DatagramSocket(new InetSocketAddress(address, port)));
        Thread answering = Thread.ofPlatform().daemon().start(() -> answer(listening));
        try (listening;
                DatagramSocket asking = client.within((Callable<DatagramSocket>) DatagramSocket::new)) {
            asking.setSoTimeout(700);
            asking.send(new DatagramPacket(new byte[] {1}, 1, InetAddress.ofLiteral(known), port));
            DatagramPacket answer = new DatagramPacket(new byte[64], 64);
            asking.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
        } finally {
            listening.close();
            answering.join();
        }
    }

    private static void answer(DatagramSocket socket) {
        try {
            DatagramPacket packet = new DatagramPacket(new byte[64], 64);
            socket.receive(packet);
            byte[] seen = packet.getAddress().getHostAddress().getBytes(StandardCharsets.US_ASCII);
            socket.send(new DatagramPacket(seen, seen.length, packet.getSocketAddress()));
        } catch (IOException e) {
            // closed by the test: nothing arrived, and the client's time-out says so
        }
    }
}
