package io.tombolo.gateway;

import io.tombolo.host.CommandFailedException;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.Sights;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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

    private final Thread thread;
    private @Nullable Topology topology;
    private boolean pending;
    private boolean closed;
    private boolean applied;
    private boolean draining;
    private boolean leaving;

    /** @param changed called after a path changed its state: return at once */
    Steering(int slot, DataPlane dataPlane, Runnable changed) throws IOException {
        this.slot = slot;
        this.dataPlane = dataPlane;
        this.changed = changed;
        lanes = new Prober<>("probe", this::pathChanged);
        nodes = new Prober<>("probe-nodes", this::pathChanged);
        // nobody shall prefer this slot before its plan is applied
        lanes.say(false, List.of(), List.of());
        nodes.say(false, List.of(), List.of());
        thread = Thread.ofPlatform().name("steer").daemon().start(this::loop);
    }

    /** @param ready whether the kernel is as this topology wants it */
    synchronized void update(Topology now, boolean ready) {
        topology = now;
        applied |= ready; // a part that is missing later is told by what is not reached
        tell(now); // before anybody is probed: a slot that starts again does not say first that it does not serve
        lanes.update(
                new InetSocketAddress(now.local().tunnelAddress().lane(slot), Wire.PROBE_UDP_PORT), laneTargets(now));
        node(now.local())
                .ifPresent(self -> nodes.update(
                        new InetSocketAddress(self.address(), Wire.GATEWAY_PROBE_UDP_PORT), nodeTargets(now.local())));
        pending = true;
        notifyAll();
    }

    /** Whether this slot asks everybody to use another one. Whoever has no other goes on using it. */
    synchronized void drain(boolean now) {
        if (draining != now) {
            draining = now;
            pending = true;
            notifyAll();
        }
    }

    /** Drains for good, and waits until observers have moved; at once where they have nowhere to go. */
    void leave() throws InterruptedException {
        boolean several;
        synchronized (this) {
            leaving = true;
            pending = true;
            notifyAll();
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

    Sights sights() {
        Map<ClusterId, Map<Integer, PathState>> peers = new HashMap<>();
        lanes.paths().forEach((key, path) -> peers.computeIfAbsent(key.peer(), _ -> new HashMap<>())
                .put(key.slot(), path.state()));
        return new Sights(peers, Set.of());
    }

    /**
     * Whether something is seen of each peer, where it has several slots: until then what stands is left alone. An agent
     * before us may have known which slot is silent, and a slot that is only being announced may not be there yet.
     */
    boolean isSettled(Topology now) {
        return now.peers().values().stream()
                .filter(peer -> peer.lanes().size() > 1)
                .allMatch(peer ->
                        peer.lanes().stream().anyMatch(lane -> !isUnknown(new PathKey(peer.clusterId(), lane.slot()))));
    }

    private void pathChanged() {
        synchronized (this) {
            pending = true;
            notifyAll();
        }
        changed.run();
    }

    private void loop() {
        try {
            while (true) {
                Topology now;
                synchronized (this) {
                    while (!pending && !closed) {
                        wait();
                    }
                    if (closed) {
                        return;
                    }
                    pending = false;
                    now = topology;
                }
                if (now != null) {
                    trySteer(now);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void trySteer(Topology now) {
        try {
            if (isSettled(now)) {
                dataPlane.steer(now, this::sights).forEach(change -> LOG.log(Level.INFO, "{0}", change));
            }
        } catch (CommandFailedException e) {
            LOG.log(Level.WARNING, "lanes are steered by the next pass: {0}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "lanes are steered by the next pass", e);
        }
        tell(now);
    }

    private boolean isUnknown(PathKey lane) {
        Prober.Path path = lanes.paths().get(lane);
        return path == null || path.state() instanceof PathState.Unknown;
    }

    private synchronized void tell(Topology now) {
        boolean serving = applied && !draining && !leaving;
        List<Cidr> own = node(now.local()).map(LocalView.Node::podCidrs).orElse(List.of());
        List<Cidr> silent = new ArrayList<>();
        SortedMap<String, Prober.Path> seen = nodes.paths();
        now.local().nodes().stream()
                .filter(node -> isDown(seen.get(node.name())))
                .forEach(node -> silent.addAll(node.podCidrs()));
        lanes.say(serving, own, silent);
        // what is not known is not reached yet: a slot just added must not be preferred before it can carry
        List<Cidr> cutOff = now.peers().values().stream()
                .filter(peer -> peer.lanes().stream()
                        .noneMatch(lane -> isUp(lanes.paths().get(new PathKey(peer.clusterId(), lane.slot())))))
                .flatMap(peer -> peer.prefixes().stream())
                .toList();
        nodes.say(serving, List.of(), cutOff);
    }

    private static boolean isUp(Prober.@Nullable Path path) {
        return path != null && path.state().isUp();
    }

    private static boolean isDown(Prober.@Nullable Path path) {
        return path != null && path.state() instanceof PathState.Down;
    }

    private Optional<LocalView.Node> node(LocalView local) {
        return local.nodes().stream()
                .filter(node -> node.name().equals(dataPlane.node()))
                .findFirst();
    }

    private static Map<PathKey, Prober.Target> laneTargets(Topology topology) {
        boolean several = topology.local().gateways().size() > 1;
        Map<PathKey, Prober.Target> targets = new TreeMap<>();
        for (Peer peer : topology.peers().values()) {
            Duration interval = several || peer.lanes().size() > 1 ? Prober.FAST : Prober.SLOW;
            peer.lanes()
                    .forEach(lane -> targets.put(
                            new PathKey(peer.clusterId(), lane.slot()),
                            new Prober.Target(
                                    new InetSocketAddress(peer.address().lane(lane.slot()), Wire.PROBE_UDP_PORT),
                                    interval)));
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
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        lanes.close();
        nodes.close();
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
