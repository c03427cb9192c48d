package io.tombolo.gateway;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import jdk.net.ExtendedSocketOptions;

/**
 * A process of its own inside a namespace. {@code sink ADDRESS PORT} takes TCP and UDP. {@code stream ADDRESS PORT MILLIS}
 * sends 16 KiB a millisecond at most for so long, and prints how many bytes arrived and the longest time in which none did.
 * {@code flood ADDRESS PORT MILLIS} sends four datagrams of 1,200 bytes a millisecond, 38 Mbit/s, and prints how many.
 * {@code datagrams ADDRESS PORT DF SIZE…} sends datagrams of each size, and prints of each what became of it.
 */
public final class SizedFlow {
    private static final int TRIES = 8;
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private SizedFlow() {}

    public static void main(String[] args) throws Exception {
        InetSocketAddress at = new InetSocketAddress(InetAddress.ofLiteral(args[1]), Integer.parseInt(args[2]));
        switch (args[0]) {
            case "sink" -> sink(at);
            case "stream" -> stream(at, Duration.ofMillis(Long.parseLong(args[3])));
            case "flood" -> flood(at, Duration.ofMillis(Long.parseLong(args[3])));
            default ->
                datagrams(
                        at,
                        Boolean.parseBoolean(args[3]),
                        Arrays.stream(args).skip(4).mapToInt(Integer::parseInt).toArray());
        }
    }

    private static void sink(InetSocketAddress at) throws Exception {
        ServerSocket server = new ServerSocket();
        server.bind(at);
        DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET);
        datagrams.bind(at);
        Thread.ofPlatform().start(() -> answer(datagrams));
        System.out.println("listening");
        while (true) {
            Socket socket = server.accept();
            Thread.ofPlatform().start(() -> take(socket));
        }
    }

    /** Answers each with its length. */
    private static void answer(DatagramChannel channel) {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        try {
            while (true) {
                buffer.clear();
                var from = channel.receive(buffer);
                channel.send(ByteBuffer.allocate(4).putInt(buffer.position()).flip(), from);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void take(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[1 << 16];
            long bytes = 0;
            long gap = 0;
            long last = System.nanoTime();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes += n;
                long now = System.nanoTime();
                gap = Math.max(gap, now - last);
                last = now;
            }
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeLong(bytes);
            out.writeLong(Duration.ofNanos(gap).toMillis());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void stream(InetSocketAddress to, Duration time) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(to, 10_000);
            System.out.println("started");
            byte[] data = new byte[1 << 14];
            long until = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < until) {
                socket.getOutputStream().write(data);
                LockSupport.parkNanos(1_000_000); // a machine that is busy with one stream does nothing else in time
            }
            socket.shutdownOutput();
            socket.setSoTimeout(20_000);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            System.out.println("bytes " + in.readLong() + " stall " + in.readLong());
        }
    }

    private static void flood(InetSocketAddress to, Duration time) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET)) {
            System.out.println("started");
            ByteBuffer data = ByteBuffer.allocate(1_200);
            long began = System.nanoTime();
            long sent = 0;
            for (; System.nanoTime() - began < time.toNanos(); sent++) {
                channel.send(data.rewind(), to);
                LockSupport.parkNanos(began + sent * 250_000 - System.nanoTime());
            }
            System.out.println("sent " + sent);
        }
    }

    /** Of such a process that streams: the longest time without a byte, milliseconds. Waits for its end. */
    static long stall(Process stream) throws IOException {
        String line = String.valueOf(stream.inputReader().readLine());
        String[] words = line.split(" ");
        if (words.length != 4 || Long.parseLong(words[1]) < 1_000_000) {
            throw new AssertionError("a stream that hardly ran: " + line);
        }
        return Long.parseLong(words[3]);
    }

    private static void datagrams(InetSocketAddress to, boolean whole, int... sizes) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
                Selector selector = Selector.open()) {
            channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, whole);
            channel.configureBlocking(false);
            channel.register(selector, java.nio.channels.SelectionKey.OP_READ);
            for (int size : sizes) {
                System.out.println(size + " " + fate(channel, selector, to, size));
            }
        }
    }

    /** What the sender is told, or hears; "lost" where it is neither. */
    private static String fate(DatagramChannel channel, Selector selector, InetSocketAddress to, int size)
            throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(8);
        for (int i = 0; i < TRIES; i++) {
            try {
                channel.send(ByteBuffer.allocate(size), to);
            } catch (SocketException e) {
                if (String.valueOf(e.getMessage()).contains("too long")) {
                    return "too big";
                }
                throw e;
            }
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (System.nanoTime() < until) {
                selector.select(20);
                selector.selectedKeys().clear();
                answer.clear();
                if (channel.receive(answer) != null && answer.getInt(0) == size) {
                    return "arrived";
                }
            }
        }
        return "lost";
    }
}
