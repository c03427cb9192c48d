package io.tombolo.gateway;

import io.tombolo.gateway.door.AnnouncementBook;
import io.tombolo.gateway.door.Door;
import io.tombolo.host.CommandFailedException;
import io.tombolo.host.StateDirectory;
import io.tombolo.kernel.DriftWatch;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.route.Sights;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.TopologyPlanner;
import io.tombolo.probe.SteeringLoop;
import io.tombolo.problem.Finding;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One gateway slot at work: pass after pass it reads the world, plans, and brings kernel, door and probes in line. A pass
 * follows every change that anybody reports, and runs by itself now and then: nothing depends on a report.
 */
public final class Gateway implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Gateway.class.getName());

    /** Drift that the kernel did not tell of is mended within this time. */
    private static final Duration AT_REST = Duration.ofSeconds(5);

    /** While something is missing (a device that wireguard-go is about to make) we look again soon. */
    private static final Duration UNREADY = Duration.ofMillis(200);

    /** While a lane of ours or of a peer's changes its key: the peer's packets wait for us. */
    private static final Duration TURNING = Duration.ofMillis(50);

    /** While peers are called that have not answered. */
    private static final Duration CALLING = Duration.ofMillis(500);

    /** So long after a path changed a peer that has a next key is expected to change to it. */
    private static final Duration EXPECTED = Duration.ofSeconds(5);

    private final int slot;
    private final Supplier<Optional<World>> worlds;
    private final Function<Topology, Exposure> exposures;
    private final Consumer<Pass> listener;
    private final DataPlane dataPlane;
    private final AnnouncementBook book;
    private final Steering steering;
    private final LaneKeys laneKeys;
    private final PairKeys pairKeys;
    private final DeadPeers deadPeers;
    private final Door door;
    private final PassTurns turns = new PassTurns();
    /** Whoever tells the listener, so that nothing older is told after something newer. */
    private final Object telling = new Object();

    private final Thread thread;
    private final SteeringLoop<Topology> liveness;
    private @Nullable DriftWatch drift;
    private volatile boolean closed;
    /** Dead peers, as the routes were planned last. */
    private volatile Set<ClusterId> leftOut = Set.of();

    /** Who was dead when that changed last. */
    private volatile Set<ClusterId> buried = Set.of();

    private volatile long pathChanged = System.nanoTime();
    /** Whether our key is being rotated. */
    private volatile boolean rotating;

    private @Nullable Pass last;
    private Map<ClusterId, Map<Integer, Integer>> standing = Map.of();
    private List<Finding> reported = List.of();
    private SortedMap<Cidr, String> networks = new TreeMap<>();

    /**
     * @param slot which gateway of the cluster this is, 0-7
     * @param state where accepted announcements are kept
     * @param worlds what the cluster's objects say now; empty while that is not known
     * @param exposures which services are shared now
     * @param listener told after every pass, and at once when a peer is no longer reached or is again; one call at a time:
     *     return soon
     */
    public Gateway(
            int slot,
            DataPlane dataPlane,
            StateDirectory state,
            Supplier<Optional<World>> worlds,
            Function<Topology, Exposure> exposures,
            Consumer<Pass> listener)
            throws IOException {
        this(slot, dataPlane, state, worlds, exposures, listener, PairKeys.EVERY);
    }

    /** @param renewal the age at which a pair's pre-shared key is followed by another one */
    Gateway(
            int slot,
            DataPlane dataPlane,
            StateDirectory state,
            Supplier<Optional<World>> worlds,
            Function<Topology, Exposure> exposures,
            Consumer<Pass> listener,
            Duration renewal)
            throws IOException {
        this.slot = slot;
        this.worlds = worlds;
        this.exposures = exposures;
        this.listener = listener;
        this.dataPlane = dataPlane;
        this.book = new AnnouncementBook(state, this::trigger);
        this.steering = new Steering(slot, dataPlane, this::pathChanged);
        this.liveness = new SteeringLoop<>("liveness", this::tellAndBury);
        this.laneKeys = new LaneKeys(slot);
        this.pairKeys = new PairKeys(slot, renewal, DeadPeers::connects, steering::paths, this::trigger);
        this.deadPeers = new DeadPeers(slot, DeadPeers::connects, this::deathsChanged);
        this.door = new Door(slot, book);
        this.thread = Thread.ofPlatform().name("gateway").unstarted(this::loop);
    }

    public void start() {
        drift = dataPlane.watch(this::trigger);
        thread.start();
    }

    /** Something may have changed. May be called by any thread, returns at once; many calls make one pass. */
    public void trigger() {
        turns.worldChanged();
    }

    /** What peers announced, for the exchange to offer to and the importer to publish. */
    public AnnouncementBook announcements() {
        return book;
    }

    private void loop() {
        Duration rest = UNREADY;
        while (!closed) {
            try {
                turns.await(rest);
                if (!closed) {
                    long began = System.nanoTime();
                    rest = pass();
                    Duration took = Duration.ofNanos(System.nanoTime() - began);
                    turns.ended(took);
                    rest = took.compareTo(rest) > 0 ? took : rest; // whatever a peer does, half of the time is left
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "a pass failed; the kernel keeps what it has", e);
                rest = Duration.ofSeconds(1);
            }
        }
    }

    /** One at a time with {@link #remove}: what was read before a removal is never applied after it. */
    private synchronized Duration pass() {
        Optional<World> read = worlds.get();
        if (read.isEmpty()) {
            return UNREADY;
        }
        World world = read.get();
        // only for what is yet to be accepted: other nodes plan with what already was, and have other interfaces
        List<LinkView> links = book.follow(world.local().at(networks()), world.links(), world.heldInStatus());
        Topology topology = TopologyPlanner.plan(world.local(), links);
        Exposure exposure = exposures.apply(topology);
        steering.rest(laneKeys.resting(), laneKeys.onSpare());
        steering.assume(topology, standingMtus(topology));
        pairKeys.follow(topology, world.presharedKeys(), dataPlane::presharedKeys);
        boolean settled = steering.sights().isSettled(topology);
        DataPlane.Outcome outcome = dataPlane.apply(
                topology,
                new DataPlane.Keys(world.keys(), pairKeys.inForce()),
                exposure,
                this::sights,
                settled,
                laneKeys.turning(System.nanoTime()));
        outcome.changes().forEach(change -> LOG.log(Level.INFO, change));
        if (!outcome.findings().equals(reported)) {
            reported = outcome.findings();
            reported.forEach(f -> LOG.log(Level.WARNING, "{0}: {1}", f.problem().reason(), f.message()));
        }
        pairKeys.observed(outcome.handshakes());
        if (outcome.ready()) {
            steering.buried(leftOut);
            steering.followed(KeyTurnReader.followed(topology, links));
        }
        steering.update(topology, outcome.ready(), outcome.ceilings(), shut(topology, exposure));
        laneKeys.applied(world, topology, outcome, steering.paths(), outcome.ready() && settled, System.nanoTime());
        steering.drain(world.cordoned().contains(dataPlane.node()));
        Pass pass;
        synchronized (telling) {
            pass = new Pass(
                    world,
                    topology,
                    outcome.ready(),
                    laneKeys.proven(topology, outcome.laneKeys()),
                    held(),
                    steering.paths(),
                    book.findings(),
                    outcome.findings());
            last = pass;
            deadPeers.follow(topology, pass.paths());
            listener.accept(pass);
        }
        liveness.follow(topology);
        Set<ClusterId> unreachable = new HashSet<>();
        pass.live().forEach((peer, slots) -> {
            if (slots.isEmpty()) {
                unreachable.add(peer);
            }
        });
        door.update(
                topology,
                world.ours().map(World.OurAnnouncement::signed),
                world.ours().map(World.OurAnnouncement::sequence).orElse(0L),
                unreachable);
        if (!outcome.ready()) {
            return UNREADY;
        }
        rotating = KeyTurnReader.isOursRotated(topology);
        boolean soon = KeyTurnReader.isPeersRotated(topology) && System.nanoTime() - pathChanged < EXPECTED.toNanos();
        if (rotating && laneKeys.isBusy(System.nanoTime()) || soon) {
            return TURNING;
        }
        return outcome.calling() ? CALLING : AT_REST;
    }

    /** For routes: whom they leave out is kept. */
    private Sights sights() {
        leftOut = deadPeers.dead();
        return steering.sights().with(leftOut);
    }

    /** A peer that lives again has its routes back with the pass; of a dead one they are taken without. One call at a time. */
    private void deathsChanged() {
        Set<ClusterId> now = deadPeers.dead();
        if (now.containsAll(buried)) {
            turns.pathsChanged();
        } else {
            turns.worldChanged();
        }
        buried = now;
        liveness.signal();
    }

    /** Whatever a pass is at: until a dead peer is told of, traffic goes to it, and the kernel answers slowly. */
    private void tellAndBury(Topology topology) {
        try {
            tellOfLiveness();
        } finally {
            bury(topology);
        }
    }

    private void bury(Topology topology) {
        if (deadPeers.dead().isEmpty()) {
            return;
        }
        try {
            dataPlane.bury(topology, this::sights).forEach(change -> LOG.log(Level.INFO, change));
            steering.buried(leftOut);
        } catch (CommandFailedException e) {
            LOG.log(Level.WARNING, "routes to dead peers go with the next pass: {0}", e.getMessage());
        }
    }

    /** On a thread of the probes. What is urgent is told and steered at once, and not by the pass. */
    private void pathChanged() {
        pathChanged = System.nanoTime();
        liveness.signal();
        if (rotating) {
            turns.worldChanged(); // what a path says then is about keys, and only a pass changes these
        } else {
            turns.pathsChanged();
        }
    }

    private static Set<ClusterId> shut(Topology topology, Exposure exposure) {
        return topology.peers().values().stream()
                .filter(peer -> peer.access() != LinkView.Access.ALL_PODS)
                .map(Peer::clusterId)
                .filter(peer -> !exposure.knows(peer))
                .collect(Collectors.toSet());
    }

    private void tellOfLiveness() {
        synchronized (telling) {
            Pass before = last;
            if (before == null) {
                return;
            }
            Pass now = before.at(steering.paths());
            deadPeers.follow(now.topology(), now.paths());
            if (!now.live().equals(before.live())) {
                last = now;
                listener.accept(now);
            }
        }
    }

    /** As they were before our first pass: later the probes know better. */
    private Map<ClusterId, Map<Integer, Integer>> standingMtus(Topology topology) {
        if (last == null) {
            try {
                standing = dataPlane.standingMtus(topology);
            } catch (CommandFailedException e) {
                LOG.log(Level.WARNING, "the routes of this node cannot be read: {0}", e.getMessage());
            }
        }
        return standing;
    }

    private SortedMap<Cidr, String> networks() {
        try {
            networks = dataPlane.networks();
        } catch (CommandFailedException e) {
            LOG.log(Level.WARNING, "the interfaces of this node cannot be read: {0}", e.getMessage());
        }
        return networks;
    }

    /** What keeps paths from having the keys that they should have. */
    private Map<PathKey, Finding> held() {
        Map<PathKey, Finding> held = new HashMap<>(pairKeys.findings());
        held.putAll(laneKeys.findings(System.nanoTime()));
        return held;
    }

    /**
     * Asks everybody to use another slot, and waits until they have had the time. Whoever has no other goes on using this
     * one. It does not end: the gateway is to be closed.
     */
    public void leave() throws InterruptedException {
        steering.leave();
    }

    /**
     * Takes everything of ours out of the kernel. The caller sees to it that {@code worlds} says nothing any more.
     *
     * @return what could not be removed
     */
    public synchronized List<String> remove() {
        synchronized (telling) {
            last = null; // that no lane reaches anybody then is no news
        }
        return dataPlane.remove();
    }

    /** Stops; the kernel keeps everything. */
    @Override
    public void close() throws IOException {
        closed = true;
        if (drift != null) {
            drift.close();
        }
        trigger();
        try {
            thread.join(Duration.ofSeconds(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        door.close();
        pairKeys.close();
        steering.close();
        deadPeers.close();
        liveness.close();
    }
}
