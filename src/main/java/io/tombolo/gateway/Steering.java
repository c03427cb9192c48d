package io.tombolo.gateway;

import io.tombolo.host.CommandFailedException;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.Reach;
import io.tombolo.plan.route.Sights;
import io.tombolo.plan.route.SlotReport;
import io.tombolo.plan.tunnel.Ceilings;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import io.tombolo.probe.SteeringLoop;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps packets on slots that live: probes every lane, moves what a silent slot carried as soon as that is seen, and tells
 * peers and our own nodes what this slot serves and reaches. On a thread of its own, since a pass takes its time.
 */
final class Steering implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Steering.class.getName());

    /** Three probes say it, and whoever hears the last one moves. */
    private static final Duration LEAVE = Prober.FAST.multipliedBy(3).plusMillis(350);

    private final int slot;
    private final DataPlane dataPlane;
    private final Runnable changed;
    private final Prober<PathKey> lanes;
    /** Nodes of our cluster by name, where there is more than one gateway that they may choose. */
    private final Prober<String> nodes;

    private final SteeringLoop<Topology> loop;
    private @Nullable Topology topology;
    private Set<ClusterId> shutTo = Set.of();
    private boolean applied;
    private boolean draining;
    private Optional<Integer> resting = Optional.empty();
    private Set<ClusterId> onSpare = Set.of();
    private Map<PathKey, Long> followed = Map.of();
    /** Peers to which there are no routes here, though lanes to them may be up again. */
    private Set<ClusterId> buried = Set.of();

    private Ceilings ceilings = Ceilings.UNKNOWN;
    /** Of every lane what passes by it for as long as the probes do not know, bytes. */
    private Map<PathKey, Integer> assumed = Map.of();

    /** As the routes were sized last. */
    private Map<ClusterId, Map<Integer, Integer>> sized = Map.of();

    private boolean leaving;

    /** @param changed called after a path changed its state: return at once */
    Steering(int slot, DataPlane dataPlane, Runnable changed) throws IOException {
        this.slot = slot;
        this.dataPlane = dataPlane;
        this.changed = changed;
        loop = new SteeringLoop<>("steer", this::steer);
        lanes = new Prober<>("probe", this::pathChanged);
        nodes = new Prober<>("probe-nodes", this::pathChanged);
        // nobody shall prefer this slot before its plan is applied
        lanes.say(false, List.of(), List.of(), Set.of());
        nodes.say(false, List.of(), List.of(), Set.of());
    }

    /**
     * What passes by lanes of which the probes know nothing yet: what an agent before us knew, else the little that every
     * link takes.
     *
     * @param standing bytes, by peer and slot
     */
    synchronized void assume(Topology now, Map<ClusterId, Map<Integer, Integer>> standing) {
        Map<PathKey, Integer> all = new HashMap<>();
        for (Peer peer : now.peers().values()) {
            Map<Integer, Integer> known = standing.getOrDefault(peer.clusterId(), Map.of());
            peer.lanes()
                    .forEach(lane -> all.put(
                            new PathKey(peer.clusterId(), lane.slot()),
                            known.getOrDefault(lane.slot(), Ceilings.LEAST)));
        }
        assumed = Map.copyOf(all);
    }

    /**
     * @param ready whether the kernel is as this topology wants it
     * @param may what may go into the lanes as they are now
     * @param shut peers whose packets our filter drops because it does not know what is shared with them yet: another slot
     *     is the better one for them
     */
    synchronized void update(Topology now, boolean ready, Ceilings may, Set<ClusterId> shut) {
        topology = now;
        ceilings = may;
        shutTo = Set.copyOf(shut);
        applied |= ready; // a part that is missing later is told by what is not reached
        tell(now); // before anybody is probed: a slot that starts again does not say first that it does not serve
        lanes.update(
                new InetSocketAddress(now.local().tunnelAddress().lane(slot), Wire.PROBE_UDP_PORT), laneTargets(now));
        node(now.local())
                .ifPresent(self -> nodes.update(
                        new InetSocketAddress(self.address(), Wire.GATEWAY_PROBE_UDP_PORT), nodeTargets(now.local())));
        loop.follow(now);
    }

    /** Whether this slot asks everybody to use another one. Whoever has no other goes on using it. */
    synchronized void drain(boolean now) {
        if (draining != now) {
            draining = now;
            loop.signal();
        }
    }

    /**
     * The lane that packets shall keep off while they have another way: ours do at once, and those of peers and of our own
     * nodes when they hear it.
     *
     * @param bySpare peers to which packets go by the spare lane
     */
    synchronized void rest(Optional<Integer> lane, Set<ClusterId> bySpare) {
        if (!resting.equals(lane) || !onSpare.equals(bySpare)) {
            resting = lane;
            onSpare = Set.copyOf(bySpare);
            loop.signal();
        }
    }

    /** @param now sequence of the newest announcement of each lane's peer that our devices are as it says */
    synchronized void followed(Map<PathKey, Long> now) {
        if (!followed.equals(now)) {
            followed = Map.copyOf(now);
            loop.signal();
        }
    }

    /**
     * @param now peers to which there are no routes here, also where they are heard again: our nodes go by another slot
     *     until there are
     */
    synchronized void buried(Set<ClusterId> now) {
        if (!buried.equals(now)) {
            buried = Set.copyOf(now);
            loop.signal();
        }
    }

    /** Drains for good, and waits until observers have moved; at once where they have nowhere to go. */
    void leave() throws InterruptedException {
        boolean several;
        synchronized (this) {
            leaving = true;
            loop.signal();
            several = topology != null && topology.local().gateways().size() > 1;
        }
        if (several) {
            Thread.sleep(LEAVE);
        }
    }

    /** Every lane, as the probes see it. */
    SortedMap<PathKey, Prober.Path> paths() {
        return lanes.paths();
    }

    synchronized Sights sights() {
        return sights(state ->
                state instanceof PathState.Up(SlotReport report) ? new PathState.Up(report.withoutServing()) : state);
    }

    /** @param rested what a lane that rests is to be seen as */
    private Sights sights(UnaryOperator<PathState> rested) {
        Map<ClusterId, Map<Integer, PathState>> peers = new HashMap<>();
        lanes.paths().forEach((key, path) -> peers.computeIfAbsent(key.peer(), _ -> new HashMap<>())
                .put(key.slot(), resting.equals(Optional.of(key.slot())) ? rested.apply(path.state()) : path.state()));
        return new Sights(peers, onSpare, Set.of(), mtus());
    }

    private Map<ClusterId, Map<Integer, Integer>> mtus() {
        Map<ClusterId, Map<Integer, Integer>> mtus = new HashMap<>();
        SortedMap<PathKey, Prober.Path> seen = lanes.paths();
        assumed.forEach((key, bytes) -> {
            Prober.Path path = seen.get(key);
            // before our first pass what stands is taken as it is
            int limit = ceilings.equals(Ceilings.UNKNOWN) ? bytes : ceilings.of(key.peer(), key.slot());
            mtus.computeIfAbsent(key.peer(), _ -> new HashMap<>())
                    .put(
                            key.slot(),
                            Math.min(limit, path == null ? bytes : path.mtu().orElse(bytes)));
        });
        return mtus;
    }

    private void pathChanged() {
        loop.signal();
        changed.run();
    }

    private void steer(Topology now) {
        try {
            if (sights().isSettled(now)) {
                dataPlane.steer(now, this::sights).forEach(change -> LOG.log(Level.INFO, "{0}", change));
                resize(now);
            }
        } catch (CommandFailedException e) {
            LOG.log(Level.WARNING, "lanes are steered by the next pass: {0}", e.getMessage());
        } finally {
            tell(now);
        }
    }

    /** What does not pass any more must not be sent for as long as a pass takes to come. */
    private void resize(Topology now) throws CommandFailedException {
        Map<ClusterId, Map<Integer, Integer>> mtus = sights().mtus();
        if (!mtus.equals(sized)) {
            dataPlane.resize(now, this::sights).forEach(change -> LOG.log(Level.INFO, "{0}", change));
            sized = mtus;
        }
    }

    private synchronized void tell(Topology now) {
        boolean serving = applied && !draining && !leaving;
        List<Cidr> own = node(now.local()).map(now.local()::announced).orElse(List.of());
        Map<String, PathState> seen = new HashMap<>();
        nodes.paths().forEach((name, path) -> seen.put(name, path.state()));
        Set<PathKey> shut = laneTargets(now).keySet().stream()
                .filter(lane -> shutTo.contains(lane.peer()) || resting.equals(Optional.of(lane.slot())))
                .collect(Collectors.toSet());
        lanes.say(serving, own, Reach.unreachedPods(now, seen), shut, followed);
        nodes.say(
                serving,
                List.of(),
                Reach.unreachedPeers(now, sights(_ -> new PathState.Unknown()).with(buried)),
                Set.of());
    }

    private Optional<LocalView.Node> node(LocalView local) {
        return local.nodes().stream()
                .filter(node -> node.name().equals(dataPlane.node()))
                .findFirst();
    }

    private Map<PathKey, Prober.Target> laneTargets(Topology topology) {
        boolean several = topology.local().gateways().size() > 1;
        Map<PathKey, Prober.Target> targets = new TreeMap<>();
        for (Peer peer : topology.peers().values()) {
            Duration interval = several || peer.lanes().size() > 1 ? Prober.FAST : Prober.SLOW;
            peer.lanes().forEach(lane -> {
                PathKey key = new PathKey(peer.clusterId(), lane.slot());
                targets.put(
                        key,
                        new Prober.Target(
                                new InetSocketAddress(peer.address().lane(lane.slot()), Wire.PROBE_UDP_PORT),
                                interval,
                                ceilings.of(key.peer(), key.slot()),
                                assumed.getOrDefault(key, Ceilings.LEAST)));
            });
        }
        return targets;
    }

    private static Map<String, Prober.Target> nodeTargets(LocalView local) {
        Map<String, Prober.Target> targets = new TreeMap<>();
        if (local.gateways().size() > 1) {
            local.nodes()
                    .forEach(node -> targets.put(
                            node.name(),
                            new Prober.Target(
                                    new InetSocketAddress(node.address(), Wire.NODE_PROBE_UDP_PORT), Prober.FAST)));
        }
        return targets;
    }

    @Override
    public void close() throws IOException {
        loop.close();
        lanes.close();
        nodes.close();
    }
}
