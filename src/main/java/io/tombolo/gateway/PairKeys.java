package io.tombolo.gateway;

import io.tombolo.gateway.preshared.Ends;
import io.tombolo.gateway.preshared.MlKem768;
import io.tombolo.gateway.preshared.Renewal;
import io.tombolo.gateway.preshared.RenewalMessage;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The pre-shared key of each pair of gateways: agrees with the other end on new ones, through the lane itself, and says
 * which the devices shall have. A pass tells them; here is only what a {@link Renewal} wants and hears.
 */
final class PairKeys implements AutoCloseable {
    /** As old as a session of WireGuard grows before another takes its place (REKEY_AFTER_TIME). */
    static final Duration EVERY = Duration.ofSeconds(120);

    private static final System.Logger LOG = System.getLogger(PairKeys.class.getName());
    private static final long TICK_MILLIS = 200;
    /**
     * The first seconds of a link are its first requests': what is agreed on then is for the session after this one, two
     * minutes later.
     */
    private static final Duration AT_FIRST = Duration.ofSeconds(5);

    /** Between two questions to a kernel whose agent is silent. */
    private static final long ASK = Duration.ofMillis(400).toNanos();

    /** So long a peer may be silent, or newer than ours is, before people are told. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final int slot;
    private final Duration every;
    /** Nanoseconds from a pair's beginning in which we do not call. */
    private final long quiet;

    private final DeadPeers.Kernels kernels;
    private final Supplier<SortedMap<PathKey, Prober.Path>> paths;
    private final Runnable changed;
    private final SortedMap<PathKey, Pair> pairs = new TreeMap<>();
    private final Map<InetSocketAddress, PathKey> sources = new HashMap<>();
    private final ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor();
    private final RenewalSocket socket = new RenewalSocket();
    private final Thread thread;
    private Optional<InetSocketAddress> own = Optional.empty();
    private boolean adopted;
    private volatile boolean closed;

    /** One of our lanes' other ends. */
    private static final class Pair {
        final Ends ends;
        final Renewal renewal;
        final InetSocketAddress at;
        List<PublicKey> keys = List.of();
        long nextAsk;
        boolean asking;
        boolean agreed;
        final long since;

        Pair(Ends ends, Renewal renewal, long since) {
            this.ends = ends;
            this.renewal = renewal;
            this.agreed = renewal.isAgreed();
            this.since = since;
            this.at = new InetSocketAddress(ends.theirs(), Wire.RENEWAL_UDP_PORT);
        }
    }

    /**
     * @param every the age at which a key is followed by another
     * @param paths what the probes see
     * @param changed called after another key shall be in force: return at once
     */
    PairKeys(
            int slot,
            Duration every,
            DeadPeers.Kernels kernels,
            Supplier<SortedMap<PathKey, Prober.Path>> paths,
            Runnable changed)
            throws IOException {
        this.slot = slot;
        this.every = every;
        this.quiet = Math.min(AT_FIRST.toNanos(), every.toNanos());
        this.kernels = kernels;
        this.paths = paths;
        this.changed = changed;
        thread = Thread.ofPlatform().name("pair-keys").daemon().start(this::loop);
    }

    /**
     * The pairs there are from now on.
     *
     * @param links the key that each link's spec names
     * @param devices what a lane's device has by the peer's public key: asked once, for what an agent before us left
     */
    synchronized void follow(
            Topology topology, Map<ClusterId, PresharedKey> links, IntFunction<Map<PublicKey, PresharedKey>> devices) {
        long now = System.nanoTime();
        InetAddress ours = topology.local().tunnelAddress().lane(slot);
        own = Optional.of(new InetSocketAddress(ours, Wire.RENEWAL_UDP_PORT));
        Map<PathKey, Pair> next = new HashMap<>();
        for (Peer peer : topology.peers().values()) {
            Optional<PresharedKey> link = Optional.ofNullable(links.get(peer.clusterId()));
            for (Peer.Lane lane : peer.lanes()) {
                PathKey path = new PathKey(peer.clusterId(), lane.slot());
                Ends ends = new Ends(ours, peer.address().lane(lane.slot()));
                List<PublicKey> keys = Stream.concat(Stream.of(lane.key()), lane.next().stream())
                        .toList();
                Pair pair = pairs.get(path);
                if (pair == null || !pair.ends.equals(ends)) {
                    Optional<PresharedKey> left = adopted
                            ? Optional.empty()
                            : keys.stream()
                                    .flatMap(key -> Stream.ofNullable(
                                            devices.apply(lane.slot()).get(key)))
                                    .filter(key -> !link.equals(Optional.of(key)))
                                    .findFirst();
                    pair = new Pair(ends, new Renewal(ends, new MlKem768(), every, link, left, now), now);
                }
                pair.keys = keys;
                pair.renewal.link(link, now);
                next.put(path, pair);
            }
        }
        adopted = true;
        pairs.clear();
        pairs.putAll(next);
        sources.clear();
        pairs.forEach((path, pair) -> sources.put(pair.at, path));
    }

    /** What the lanes' devices shall have, by the peer's public key: of a pair whose key is being rotated, for either. */
    synchronized Map<PublicKey, PresharedKey> inForce() {
        Map<PublicKey, PresharedKey> inForce = new HashMap<>();
        pairs.values().forEach(pair -> pair.renewal
                .inForce()
                .ifPresent(preshared -> pair.keys.forEach(key -> inForce.put(key, preshared))));
        return inForce;
    }

    /** @param handshakes by lane and the peer's public key, as they were before what is in force was told */
    synchronized void observed(Map<Integer, Map<PublicKey, Instant>> handshakes) {
        Instant clock = Instant.now();
        long now = System.nanoTime();
        pairs.forEach((path, pair) -> {
            Map<PublicKey, Instant> lane = handshakes.getOrDefault(path.slot(), Map.of());
            Optional<Instant> latest = pair.keys.stream()
                    .flatMap(key -> Stream.ofNullable(lane.get(key)))
                    .max(Instant::compareTo);
            watching(path, pair, () -> pair.renewal.observed(latest, clock, now));
        });
    }

    /** Pairs that have none but the link's key, though they should, by path. */
    synchronized Map<PathKey, Finding> findings() {
        long now = System.nanoTime();
        Map<PathKey, Finding> findings = new HashMap<>();
        pairs.forEach((path, pair) -> pair.renewal
                .trouble(now, PATIENCE)
                .ifPresent(trouble -> findings.put(
                        path,
                        Finding.of(
                                Problem.PSK_NOT_RENEWED,
                                "gateway " + path.slot() + " of " + path.peer()
                                        + switch (trouble) {
                                            case SILENT -> " does not answer when a key is offered";
                                            case DIFFERS -> " derives another key: its link names another one";
                                        }))));
        return findings;
    }

    private void watching(PathKey path, Pair pair, Runnable step) {
        Optional<PresharedKey> before = pair.renewal.inForce();
        step.run();
        if (!pair.renewal.inForce().equals(before)) {
            boolean agreed = pair.renewal.isAgreed();
            LOG.log(
                    agreed == pair.agreed ? Level.DEBUG : Level.INFO,
                    agreed ? "{0}: another pre-shared key is agreed on" : "{0}: back to the link''s own pre-shared key",
                    path);
            pair.agreed = agreed;
            changed.run();
        }
    }

    private void loop() {
        while (!closed) {
            try {
                step();
                socket.await(TICK_MILLIS);
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "keys are renewed after an error", e);
                socket.unbind();
            }
        }
        socket.unbind();
    }

    private synchronized void step() throws IOException {
        socket.bind(own.filter(_ -> !pairs.isEmpty()));
        socket.receive(this::received);
        long now = System.nanoTime();
        SortedMap<PathKey, Prober.Path> seen = paths.get();
        pairs.forEach((path, pair) -> {
            Prober.Path as = seen.get(path);
            PathState state = as == null ? new PathState.Unknown() : as.state();
            if (now - pair.since >= quiet) {
                watching(path, pair, () -> pair.renewal
                        .due(now, state.isUp())
                        .forEach(message -> socket.send(pair.at, message)));
            }
            // of an end that is heard and does not hear us, the session lives
            if (state instanceof PathState.Down(Problem reason) && reason != Problem.NO_HANDSHAKE) {
                ask(path, pair, now);
            }
        });
    }

    private void received(InetSocketAddress from, RenewalMessage message) {
        PathKey path = sources.get(from);
        Pair pair = path == null ? null : pairs.get(path);
        if (path != null && pair != null) {
            watching(path, pair, () -> pair.renewal
                    .received(message, System.nanoTime())
                    .ifPresent(answer -> socket.send(pair.at, answer)));
        }
    }

    /** Whether the session with a silent agent lives: where it does not, its end may have lost the key that was agreed on. */
    private void ask(PathKey path, Pair pair, long now) {
        if (pair.asking || now - pair.nextAsk < 0 || !pair.renewal.wantsToKnow()) {
            return;
        }
        pair.asking = true;
        pair.nextAsk = now + ASK;
        DeadPeers.Way way = new DeadPeers.Way(
                new InetSocketAddress(pair.ends.ours(), 0),
                new InetSocketAddress(pair.ends.theirs(), Wire.EXCHANGE_TCP_PORT));
        asking.execute(() -> {
            boolean answered = true; // what cannot be asked is not known to be dead
            try {
                answered = kernels.answer(way);
            } finally {
                answered(path, pair, answered);
            }
        });
    }

    private synchronized void answered(PathKey path, Pair pair, boolean answered) {
        pair.asking = false;
        watching(path, pair, () -> pair.renewal.asked(answered));
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        asking.shutdownNow();
        socket.close();
    }
}
