package io.tombolo.gateway.door;

import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.trust.Hello;
import io.tombolo.trust.MalformedMessageException;
import io.tombolo.trust.SignedAnnouncement;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Meets peers through their doors: a TCP connection between the doors' tunnel addresses, one {@link Hello} each way, and
 * the end. Who speaks is told by the source address, which WireGuard ties to the pinned door key.
 */
public final class Door implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Door.class.getName());

    private static final Duration EVERY = Duration.ofSeconds(5);
    /** After a change the first tries come faster: the other side is likely being set up at the same time. */
    private static final Duration EVERY_AT_FIRST = Duration.ofSeconds(1);

    private static final Duration AT_FIRST = Duration.ofSeconds(15);
    private static final int TIMEOUT_MILLIS = 4_000;
    private static final int CONCURRENT = 16;

    private final int slot;
    private final AnnouncementBook book;
    private final Semaphore visitors = new Semaphore(CONCURRENT);
    private final Set<InetAddress> busy = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Long> lastTry = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("door").daemon().factory());
    private volatile World world = new World(null, Optional.empty(), Set.of(), Map.of(), System.nanoTime());
    private volatile @Nullable ServerSocket server;

    /**
     * @param unreachable peers to which no lane is up
     * @param doors whose door each address is
     * @param since when topology or announcement changed last, {@link System#nanoTime}
     */
    private record World(
            @Nullable Topology topology,
            Optional<Ours> ours,
            Set<ClusterId> unreachable,
            Map<InetAddress, ClusterId> doors,
            long since) {}

    private record Ours(SignedAnnouncement announcement, long sequence) {}

    public Door(int slot, AnnouncementBook book) {
        this.slot = slot;
        this.book = book;
        timer.scheduleWithFixedDelay(this::tick, 0, 250, TimeUnit.MILLISECONDS);
    }

    /**
     * @param ours our newest announcement; until there is one, nobody is met
     * @param sequence of it
     * @param unreachable peers to which no lane is up
     */
    public void update(
            Topology topology, Optional<SignedAnnouncement> ours, long sequence, Set<ClusterId> unreachable) {
        World before = world;
        Optional<Ours> newest = ours.map(a -> new Ours(a, sequence));
        boolean same = topology.equals(before.topology()) && newest.equals(before.ours());
        Map<InetAddress, ClusterId> doors = new HashMap<>();
        topology.peers().values().forEach(peer -> peer.doors()
                .forEach(door -> doors.put(peer.address().door(door.slot()), peer.clusterId())));
        world = new World(topology, newest, Set.copyOf(unreachable), doors, same ? before.since() : System.nanoTime());
        if (!same) {
            lastTry.clear();
            timer.execute(this::tick);
        }
    }

    private void tick() {
        try {
            listen();
            dial();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "the door stays open after an error", e);
        }
    }

    private void listen() {
        Topology topology = world.topology();
        if (topology == null) {
            return;
        }
        InetAddress own = TunnelAddress.of(topology.local().identity()).door(slot);
        ServerSocket now = server;
        if (now != null && !now.isClosed() && now.getInetAddress().equals(own)) {
            return;
        }
        close(now);
        try {
            ServerSocket fresh = new ServerSocket();
            fresh.setReuseAddress(true);
            fresh.bind(new InetSocketAddress(own, Wire.DOOR_TCP_PORT), CONCURRENT);
            server = fresh;
            Thread.ofVirtual().name("door-accept").start(() -> accept(fresh));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot listen on {0} yet: {1}", Addresses.text(own), e.getMessage());
        }
    }

    private void accept(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                if (visitors.tryAcquire()) {
                    Thread.ofVirtual().start(() -> {
                        try {
                            answer(socket);
                        } finally {
                            visitors.release();
                        }
                    });
                } else {
                    socket.close();
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "the door: {0}", e.getMessage());
            }
        }
    }

    private void answer(Socket socket) {
        InetAddress from = socket.getInetAddress();
        try (socket;
                Deadline _ = new Deadline(socket)) {
            ClusterId peer = world.doors().get(from);
            Optional<Ours> ours = world.ours();
            if (peer == null || ours.isEmpty()) {
                return;
            }
            take(peer, read(socket));
            socket.getOutputStream().write(hello(ours.get(), peer).frame());
        } catch (IOException | MalformedMessageException e) {
            LOG.log(Level.DEBUG, "a visitor from {0}: {1}", Addresses.text(from), e.getMessage());
        }
    }

    private void dial() {
        World now = world;
        if (now.topology() == null || now.ours().isEmpty() || server == null) {
            return;
        }
        long sequence = now.ours().get().sequence();
        Duration every = System.nanoTime() - now.since() < AT_FIRST.toNanos() ? EVERY_AT_FIRST : EVERY;
        for (Peer peer : now.topology().peers().values()) {
            if (!now.unreachable().contains(peer.clusterId()) && book.acknowledgedBy(peer.clusterId()) >= sequence) {
                continue;
            }
            for (Peer.Door door : peer.doors()) {
                InetAddress to = peer.address().door(door.slot());
                Long last = lastTry.get(to);
                boolean due = last == null || System.nanoTime() - last >= every.toNanos();
                if (door.endpoint().isPresent() && due && busy.add(to)) {
                    lastTry.put(to, System.nanoTime());
                    Thread.ofVirtual().start(() -> {
                        try {
                            visit(peer.clusterId(), to, now.ours().get());
                        } finally {
                            busy.remove(to);
                        }
                    });
                }
            }
        }
    }

    private void visit(ClusterId peer, InetAddress to, Ours ours) {
        Topology topology = world.topology();
        if (topology == null) {
            return;
        }
        try (Socket socket = new Socket();
                Deadline _ = new Deadline(socket)) {
            socket.bind(new InetSocketAddress(
                    TunnelAddress.of(topology.local().identity()).door(slot), 0));
            socket.connect(new InetSocketAddress(to, Wire.DOOR_TCP_PORT), TIMEOUT_MILLIS);
            socket.getOutputStream().write(hello(ours, peer).frame());
            take(peer, read(socket));
        } catch (IOException | MalformedMessageException e) {
            LOG.log(Level.DEBUG, "the door of {0} at {1}: {2}", peer, Addresses.text(to), e.getMessage());
        }
    }

    private Hello hello(Ours ours, ClusterId peer) {
        return new Hello(ours.announcement(), book.sequence(peer));
    }

    private void take(ClusterId peer, Hello hello) {
        // acknowledgement first: accepting may begin a pass that reads it
        book.acknowledged(peer, hello.lastSequence());
        book.offer(peer, hello.announcement());
    }

    private static Hello read(Socket socket) throws IOException, MalformedMessageException {
        InputStream in = socket.getInputStream();
        byte[] header = whole(in, Hello.HEADER_BYTES);
        return Hello.decode(whole(in, Hello.bodyLength(header)));
    }

    private static byte[] whole(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("ended after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    /** Bounds the whole conversation: one byte a second must not hold a place. */
    private final class Deadline implements AutoCloseable {
        private final java.util.concurrent.ScheduledFuture<?> end;

        Deadline(Socket socket) {
            end = timer.schedule(() -> closeQuietly(socket), TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            end.cancel(false);
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a visitor's socket", e);
        }
    }

    private static void close(@Nullable ServerSocket socket) {
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing the door", e);
            }
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        close(server);
    }
}
