package io.tombolo.dns.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/** The server: one thread for UDP, one for TCP, both on the same address and port. */
public final class DnsServer implements AutoCloseable {
    private final DatagramChannel udp;
    private final ServerSocketChannel tcp;
    private final TcpLoop tcpLoop;
    private final List<Thread> threads;

    private DnsServer(DatagramChannel udp, ServerSocketChannel tcp, TcpLoop tcpLoop, List<Thread> threads) {
        this.udp = udp;
        this.tcp = tcp;
        this.tcpLoop = tcpLoop;
        this.threads = threads;
    }

    /**
     * Binds and starts answering.
     *
     * @param address port 0 picks one, see {@link #port()}
     * @throws IOException where the address cannot be bound
     */
    public static DnsServer start(InetSocketAddress address, ServedZone served, QueryCounters counters)
            throws IOException {
        return start(address, served, counters, TcpLimits.DEFAULT);
    }

    static DnsServer start(InetSocketAddress address, ServedZone served, QueryCounters counters, TcpLimits limits)
            throws IOException {
        ServerSocketChannel tcp = ServerSocketChannel.open();
        DatagramChannel udp = DatagramChannel.open();
        try {
            tcp.bind(address);
            int port = ((InetSocketAddress) tcp.getLocalAddress()).getPort();
            udp.bind(new InetSocketAddress(address.getAddress(), port));
            UdpLoop udpLoop = new UdpLoop(udp, answerer(served, counters), served, ownAddresses());
            TcpLoop tcpLoop = new TcpLoop(tcp, answerer(served, counters), served, limits);
            return new DnsServer(
                    udp,
                    tcp,
                    tcpLoop,
                    List.of(
                            Thread.ofPlatform().name("dns-udp").start(udpLoop),
                            Thread.ofPlatform().name("dns-tcp").start(tcpLoop)));
        } catch (IOException e) {
            udp.close();
            tcp.close();
            throw e;
        }
    }

    /** The port bound, 1-65535; one for UDP and TCP. */
    public int port() throws IOException {
        return ((InetSocketAddress) udp.getLocalAddress()).getPort();
    }

    /** Whether both loops run. */
    public boolean isServing() {
        return threads.stream().allMatch(Thread::isAlive);
    }

    /** TCP connections open now. */
    public int connections() {
        return tcpLoop.connections();
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcpLoop.stop();
        tcp.close();
    }

    private static Answerer answerer(ServedZone served, QueryCounters counters) {
        return new Answerer(
                served::zone, counters, new Rotation(ThreadLocalRandom.current().nextLong()));
    }

    private static Set<InetAddress> ownAddresses() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .collect(Collectors.toUnmodifiableSet());
    }
}
