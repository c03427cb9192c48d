package io.tombolo.dns.server;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** One of the name servers that are asked the same: ours, or a process of one worker on loopback. */
final class NameServer implements AutoCloseable {
    /** From here on are the IDs of the queries that close a batch: each its own, for a slow start leaves some behind. */
    private static final int LAST = 0xff00;

    private static final int START_MILLIS = 20_000;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final String name;
    private final int port;
    private final AutoCloseable server;
    private final DatagramSocket socket;
    private final byte[] buffer = new byte[Wire.MAX_TCP];
    private int last = LAST;

    private NameServer(String name, int port, AutoCloseable server) throws IOException {
        this.name = name;
        this.port = port;
        this.server = server;
        this.socket = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0));
        socket.setReceiveBufferSize(1 << 20);
    }

    static NameServer ours(DnsServer server) throws IOException {
        return new NameServer("tombolo", server.port(), server);
    }

    /** @param zoneFile of {@code clusterset.local} */
    static NameServer knot(Path directory, Path zoneFile) throws IOException, InterruptedException {
        int port = freePort();
        return start("knotd", port, directory, """
                server:
                    rundir: "%1$s"
                    listen: 127.0.0.1@%2$d
                    udp-workers: 1
                    tcp-workers: 1
                    background-workers: 1
                database:
                    storage: "%1$s"
                log:
                  - target: stderr
                    any: warning
                template:
                  - id: default
                    storage: "%1$s"
                    zonefile-sync: -1
                    journal-content: none
                zone:
                  - domain: clusterset.local
                    file: "%3$s"
                """.formatted(directory, port, zoneFile), "-c");
    }

    /** @param zoneFile of {@code clusterset.local} */
    static NameServer nsd(Path directory, Path zoneFile) throws IOException, InterruptedException {
        int port = freePort();
        return start("nsd", port, directory, """
                server:
                    ip-address: 127.0.0.1@%2$d
                    server-count: 1
                    username: ""
                    zonesdir: "%1$s"
                    database: ""
                    pidfile: ""
                    zonelistfile: "%1$s/zones.list"
                    xfrdfile: "%1$s/xfrd.state"
                    xfrdir: "%1$s"
                    rrl-ratelimit: 0
                remote-control:
                    control-enable: no
                zone:
                    name: clusterset.local
                    zonefile: "%3$s"
                """.formatted(directory, port, zoneFile), "-d", "-c");
    }

    private static NameServer start(String program, int port, Path directory, String config, String... arguments)
            throws IOException, InterruptedException {
        Path binary = List.of("/usr/sbin", "/usr/local/sbin", "/usr/bin").stream()
                .map(path -> Path.of(path, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError(program + " is missing: run e2e/packages --tests"));
        Path file = Files.writeString(directory.resolve(program + ".conf"), config);
        Path log = directory.resolve(program + ".log");
        ProcessBuilder builder = new ProcessBuilder(binary.toString());
        builder.command().addAll(List.of(arguments));
        builder.command().add(file.toString());
        Process process =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        NameServer server = new NameServer(program, port, () -> {
            process.destroy();
            process.waitFor();
        });
        for (int waited = 0; !server.isServing(); waited += 100) {
            if (!process.isAlive() || waited > START_MILLIS) {
                server.close();
                throw new AssertionError(program + " does not serve: " + Files.readString(log));
            }
        }
        return server;
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * Sends all packets, each with its index as ID, and gives what came back. Each server has one thread and one socket, so
     * the reply to a last query tells that all others were read, and the reply to one more, sent after that, that all of
     * them were answered (NSD reorders what it reads at once). Nothing is waited for.
     */
    List<ReplyClass> exchange(List<byte[]> packets) throws IOException {
        ReplyClass[] replies = new ReplyClass[packets.size()];
        Arrays.fill(replies, ReplyClass.NO_REPLY);
        for (int id = 0; id < packets.size(); id++) {
            byte[] packet = packets.get(id).clone();
            if (packet.length >= 2) {
                packet[0] = (byte) (id >>> 8);
                packet[1] = (byte) id;
            }
            send(packet);
        }
        socket.setSoTimeout(10_000);
        takeUntilLast(replies);
        takeUntilLast(replies);
        return List.of(replies);
    }

    private void takeUntilLast(ReplyClass[] replies) throws IOException {
        sendLast();
        for (byte[] reply = receive(); Wire.u16(reply, 0) != last; reply = receive()) {
            int id = Wire.u16(reply, 0);
            if (id >= LAST) {
                continue;
            }
            if (id >= replies.length || replies[id] != ReplyClass.NO_REPLY) {
                throw new AssertionError(name + ": a second reply, or one to nobody: " + Arrays.toString(reply));
            }
            replies[id] = ReplyClass.of(reply);
        }
    }

    private boolean isServing() throws IOException {
        socket.setSoTimeout(100);
        try {
            sendLast();
            return (receive()[3] & 0xf) == Wire.NOERROR;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private void send(byte[] packet) throws IOException {
        socket.send(new DatagramPacket(packet, packet.length, LOOPBACK, port));
    }

    private byte[] receive() throws IOException {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.receive(packet);
        return Arrays.copyOf(buffer, packet.getLength());
    }

    @Override
    public void close() throws IOException {
        socket.close();
        try {
            server.close();
        } catch (Exception e) {
            throw new IOException(name + " did not end", e);
        }
    }

    private void sendLast() throws IOException {
        last = LAST | (last + 1) & 0xff;
        byte[] query = TestQuery.of("clusterset.local", Wire.SOA).bytes();
        query[0] = (byte) (last >>> 8);
        query[1] = (byte) last;
        send(query);
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, LOOPBACK)) {
            return free.getLocalPort();
        }
    }
}
