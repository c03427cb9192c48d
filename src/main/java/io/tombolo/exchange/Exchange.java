package io.tombolo.exchange;

import io.tombolo.exchange.wire.WatchRequest;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The exchange of one gateway: tells every peer what we export, and holds what they do. Every method may be called from
 * any thread, at any time, again with the same values; none blocks.
 */
public final class Exchange implements AutoCloseable {
    private static final long REBIND_MILLIS = 250;
    /** By then a gateway that has just started has done what it must. */
    private static final long REHEARSAL_MILLIS = 3_000;

    private final int slot;
    private final String version;
    private final TunnelSockets sockets;
    private final ExchangeListener listener;
    private final Bounds bounds;
    private final ExchangeThread thread = new ExchangeThread();
    private final ExportLedger ledger = new ExportLedger();
    private final String instance = UUID.randomUUID().toString();
    private final Map<ClusterId, PeerStream> streams = new TreeMap<>();
    private final Map<InetAddress, ClusterId> sources = new HashMap<>();
    private final ConcurrentMap<ClusterId, HeldExports> held = new ConcurrentHashMap<>();
    private final Inside inside = new Inside();
    private final ExchangeServer server = new ExchangeServer(thread, inside);
    private @Nullable Topology topology;
    private @Nullable SignedAnnouncement announcement;
    private volatile BooleanSupplier behind = () -> false;
    private boolean drainPending;
    private boolean whole;
    private boolean rebindPending;

    /**
     * @param slot ours, 0-7
     * @param version of this software, for people at the peer
     */
    public Exchange(int slot, String version, TunnelSockets sockets, ExchangeListener listener) {
        this(slot, version, sockets, listener, Bounds.DEFAULT);
    }

    Exchange(int slot, String version, TunnelSockets sockets, ExchangeListener listener, Bounds bounds) {
        this.slot = slot;
        this.version = version;
        this.sockets = sockets;
        this.listener = listener;
        this.bounds = bounds;
        thread.every(this::tick, 1_000);
        thread.schedule(
                () -> {
                    if (streams.isEmpty()) {
                        var unused = Rehearsal.begin(thread, bounds);
                    }
                },
                REHEARSAL_MILLIS);
    }

    /**
     * Follows the topology and what the probes see. A peer that is gone from it is forgotten with all it exported; one
     * whose slots are all dead keeps its last.
     *
     * @param live slots of each peer that a lane of ours reaches now
     */
    public void update(Topology newTopology, Map<ClusterId, ? extends Set<Integer>> live) {
        Map<ClusterId, SortedSet<Integer>> slots = new TreeMap<>();
        live.forEach((peer, set) -> slots.put(peer, new TreeSet<>(set)));
        thread.execute(() -> follow(newTopology, slots));
    }

    /** Exports the service as it is now, to the clusters it names. */
    public void export(ExportedService service) {
        thread.execute(() -> {
            ledger.put(service);
            drainSoon();
        });
    }

    /** Exports it no longer. */
    public void withdraw(NamespacedName name) {
        thread.execute(() -> {
            ledger.remove(name);
            drainSoon();
        });
    }

    /**
     * Everything we export has been said. Before, nobody is answered: a peer would take what is missing for withdrawn.
     */
    public void complete() {
        thread.execute(() -> {
            if (!whole) {
                whole = true;
                bind();
            }
        });
    }

    /**
     * Peers are told while we do not see our own API server, and mark what they have of us.
     *
     * @param now asked once a second
     */
    public void behindWhile(BooleanSupplier now) {
        behind = now;
    }

    /** Our own newest announcement, for every peer. */
    public void announce(SignedAnnouncement newest) {
        thread.execute(() -> {
            if (announcement == null || !newest.equals(announcement)) {
                announcement = newest;
                server.announce(newest);
            }
        });
    }

    /** What the peer exports; empty for a cluster that is no peer. */
    public Optional<PeerExports> peer(ClusterId peer) {
        return Optional.ofNullable(held.get(peer));
    }

    /** Every peer, ordered. */
    public SortedSet<ClusterId> peers() {
        return new TreeSet<>(held.keySet());
    }

    @Override
    public void close() {
        thread.execute(() -> {
            server.unbind();
            streams.values().forEach(PeerStream::close);
            thread.close();
        });
    }

    private void follow(Topology now, Map<ClusterId, SortedSet<Integer>> live) {
        topology = now;
        sources.clear();
        for (Peer peer : now.peers().values()) {
            for (int s = 0; s < 8; s++) {
                sources.put(sockets.source(peer.address(), s), peer.clusterId());
            }
        }
        bind();
        server.dropStrangers();
        streams.entrySet().removeIf(e -> {
            if (now.peers().containsKey(e.getKey())) {
                return false;
            }
            e.getValue().close();
            held.remove(e.getKey());
            listener.changed(e.getKey(), e.getValue().held().names());
            listener.streamChanged(e.getKey());
            return true;
        });
        for (Peer peer : now.peers().values()) {
            HeldExports exports = held.computeIfAbsent(peer.clusterId(), id -> new HeldExports(id, bounds));
            PeerStream stream =
                    streams.computeIfAbsent(peer.clusterId(), id -> new PeerStream(thread, inside, exports, bounds));
            SortedSet<Integer> slots = live.getOrDefault(peer.clusterId(), new TreeSet<>());
            if (!slots.isEmpty()) {
                stream.aim(local(now), peer, slots, sockets);
            }
        }
    }

    private InetSocketAddress local(Topology now) {
        InetSocketAddress listening = sockets.of(TunnelAddress.of(now.local().identity()), slot);
        return new InetSocketAddress(listening.getAddress(), 0);
    }

    /** The tunnel address appears with the first lane, which may be after us. */
    private void bind() {
        Topology now = topology;
        if (now == null || !whole) {
            return;
        }
        InetSocketAddress wanted = sockets.of(TunnelAddress.of(now.local().identity()), slot);
        try {
            server.bind(wanted);
        } catch (IOException notYet) {
            if (!rebindPending) {
                rebindPending = true;
                thread.schedule(
                        () -> {
                            rebindPending = false;
                            bind();
                        },
                        REBIND_MILLIS);
            }
        }
    }

    /** Changes that arrive together leave together. */
    private void drainSoon() {
        if (!drainPending) {
            drainPending = true;
            thread.execute(() -> {
                drainPending = false;
                server.drain();
            });
        }
    }

    private void tick() {
        long now = System.nanoTime();
        server.tick(now, bounds);
        streams.values().forEach(s -> s.tick(now));
    }

    private final class Inside implements ExchangeServing, PeerStream.Home {
        @Override
        public ClusterId clusterId() {
            Topology now = topology;
            if (now == null) {
                throw new IllegalStateException("served before the first topology");
            }
            return now.local().clusterId();
        }

        @Override
        public String instance() {
            return instance;
        }

        @Override
        public String version() {
            return version;
        }

        @Override
        public ExportLedger ledger() {
            return ledger;
        }

        @Override
        public boolean behind() {
            return behind.getAsBoolean();
        }

        @Override
        public Optional<SignedAnnouncement> announcement() {
            return Optional.ofNullable(announcement);
        }

        @Override
        public Optional<ClusterId> peerAt(InetAddress source) {
            return Optional.ofNullable(sources.get(source));
        }

        @Override
        public void heard(ClusterId peer, io.tombolo.exchange.wire.SignedAnnouncement wire) {
            try {
                listener.announced(
                        peer,
                        new SignedAnnouncement(
                                wire.getBytes().toByteArray(),
                                wire.getSignature().toByteArray()));
            } catch (IllegalArgumentException e) {
                refused(peer, Problem.ANNOUNCEMENT_MALFORMED, "wrong length of bytes or signature");
            }
        }

        @Override
        public void refused(ClusterId peer, Problem problem, String why) {
            HeldExports exports = held.get(peer);
            if (exports != null && exports.refusedRequest(Finding.of(problem, why))) {
                listener.streamChanged(peer);
            }
        }

        @Override
        public WatchRequest.Builder request() {
            WatchRequest.Builder request = WatchRequest.newBuilder()
                    .setClusterId(clusterId().value())
                    .setProtocolMin(Wire.PROTOCOL)
                    .setProtocolMax(Wire.PROTOCOL);
            announcement().ifPresent(a -> request.setAnnouncement(WireWriter.announcement(a)));
            return request;
        }

        @Override
        public void changed(HeldExports peer, Set<NamespacedName> names) {
            listener.changed(peer.cluster(), names);
        }

        @Override
        public void heard(HeldExports peer, io.tombolo.exchange.wire.SignedAnnouncement wire) {
            heard(peer.cluster(), wire);
        }

        @Override
        public void streamChanged(HeldExports peer) {
            listener.streamChanged(peer.cluster());
        }
    }
}
