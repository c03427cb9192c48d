package io.tombolo.host;

import static io.tombolo.host.LibC.LIBC;

import io.tombolo.host.Polled.Direction;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import jnr.ffi.Pointer;

/**
 * What the kernel tells of changes in the network namespace of the thread that opened this: interfaces, addresses, routes,
 * rules, nexthops, nftables. Others change these all the time (a CNI, kube-proxy); all of it is read, so it is read in lots.
 */
public final class KernelEvents implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(KernelEvents.class.getName());

    private static final int NETLINK_NETFILTER = 12;
    /** RTNLGRP_LINK, IPV4_IFADDR, IPV4_ROUTE, IPV4_RULE, IPV6_IFADDR, IPV6_ROUTE, IPV6_RULE and NEXTHOP: 1, 5, 7, 8, 9, 11, 19, 32. */
    private static final int ROUTE_GROUPS = 1 | 1 << 4 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 18 | 1 << 31;
    /** NFNLGRP_NFTABLES: 7. */
    private static final int NFTABLES_GROUP = 1 << 6;

    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUFFORCE = 33;
    /** Room for what is told while we pause: some 5,000 routes. */
    private static final int SOCKET_BYTES = 1 << 21;
    /** The kernel's largest batch is 32 KiB. */
    private static final int BUFFER_BYTES = 1 << 16;
    /** What is told within this time is read together; milliseconds. A flush is many messages. */
    private static final int LOT_MILLIS = 10;

    private static final int FOREVER = -1;
    private static final int IF_NAMESIZE = 16;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
    private final Pointer memory = LibC.pointer(buffer);
    private final Pipe stop = Pipe.open();
    private final int[] sockets;
    private final Consumer<Set<KernelEvent>> listener;
    private final Thread thread =
            Thread.ofPlatform().name("kernel-events").daemon().unstarted(this::read);

    private KernelEvents(Consumer<Set<KernelEvent>> listener, int... sockets) {
        this.listener = listener;
        this.sockets = sockets;
    }

    /**
     * @param listener given what was told, each thing once, on a thread of its own: what is told while it is busy waits,
     *     within bounds. It is interrupted by {@link #close}
     * @throws IOException where the kernel refuses: of nftables it tells only whoever has CAP_NET_ADMIN
     */
    public static KernelEvents listen(Consumer<Set<KernelEvent>> listener) throws IOException {
        int route = open(LibC.NETLINK_ROUTE, ROUTE_GROUPS);
        KernelEvents events;
        try {
            events = new KernelEvents(listener, route, open(NETLINK_NETFILTER, NFTABLES_GROUP));
        } catch (IOException e) {
            LIBC.close(route);
            throw e;
        }
        events.thread.start();
        return events;
    }

    private static int open(int protocol, int groups) throws IOException {
        int socket = LIBC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW_CLOEXEC, protocol);
        if (socket < 0) {
            throw new IOException("netlink socket of protocol " + protocol + ": errno " + LibC.errno());
        }
        byte[] room = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(SOCKET_BYTES)
                .array();
        // refused: then it has the usual room, and overruns sooner
        LIBC.setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, room, room.length);
        // struct sockaddr_nl: family, padding, port (the kernel chooses), groups
        byte[] address = ByteBuffer.allocate(12)
                .order(ByteOrder.nativeOrder())
                .putShort((short) LibC.AF_NETLINK)
                .putShort((short) 0)
                .putInt(0)
                .putInt(groups)
                .array();
        if (LIBC.bind(socket, address, address.length) != 0) {
            int errno = LibC.errno();
            LIBC.close(socket);
            throw new IOException("netlink groups of protocol " + protocol + ": errno " + errno);
        }
        return socket;
    }

    private void read() {
        List<Polled> all = List.of(
                new Polled(stop.readEnd(), Direction.READ),
                new Polled(sockets[0], Direction.READ),
                new Polled(sockets[1], Direction.READ));
        try {
            while (true) {
                Polled.await(all, FOREVER);
                if (!Polled.await(all.subList(0, 1), LOT_MILLIS).isEmpty()) {
                    return; // closed
                }
                Set<KernelEvent> events = new HashSet<>();
                for (int socket : sockets) {
                    drain(socket, events);
                }
                if (!events.isEmpty()) {
                    listener.accept(events);
                }
            }
        } catch (IllegalStateException e) {
            LOG.log(Level.ERROR, "the kernel is not listened to any more: what others change is found by looking", e);
        } finally {
            for (int socket : sockets) {
                LIBC.close(socket);
            }
            stop.closeReadEnd();
        }
    }

    private void drain(int socket, Set<KernelEvent> into) {
        for (int bytes = 0; bytes < SOCKET_BYTES; ) { // whoever talks without end does not keep us here
            long read = LIBC.recv(socket, memory, BUFFER_BYTES, LibC.MSG_DONTWAIT);
            if (read <= 0) {
                int errno = LibC.errno();
                if (errno == LibC.ENOBUFS) {
                    into.add(new KernelEvent.Overrun());
                    continue; // told once; what is in the buffer comes next
                }
                if (errno == LibC.EAGAIN || errno == LibC.EINTR) {
                    return;
                }
                throw new IllegalStateException("netlink recv: errno " + errno);
            }
            bytes += (int) read;
            into.addAll(NetlinkMessages.decode(buffer.clear().limit((int) read)));
        }
    }

    /** The interface's name, in the namespace of the calling thread; empty where it is gone, too. */
    public static Optional<String> interfaceName(int index) {
        byte[] name = new byte[IF_NAMESIZE];
        if (LIBC.if_indextoname(index, name) == null) {
            return Optional.empty();
        }
        String text = new String(name, StandardCharsets.US_ASCII);
        return Optional.of(text.substring(0, text.indexOf(0)));
    }

    /** Returns at once; the thread ends by itself. */
    @Override
    public void close() {
        stop.closeWriteEnd();
        thread.interrupt();
    }
}
