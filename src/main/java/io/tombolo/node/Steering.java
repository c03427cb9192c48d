package io.tombolo.node;

import io.tombolo.host.CommandFailedException;
import io.tombolo.plan.route.NodeView;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps this node's packets on a gateway that lives: probes those of the cluster where there are several, and moves what a
 * silent one carried as soon as that is seen. On a thread of its own, since a pass takes its time.
 */
final class Steering implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Steering.class.getName());

    private final NodePlane plane;
    private final Runnable changed;
    private final Prober<Integer> gateways;
    private final Thread thread;
    private @Nullable Handed handed;
    private boolean pending;
    private boolean closed;

    /** @param changed called after a gateway came, went or said something new: return at once */
    Steering(NodePlane plane, Runnable changed) throws IOException {
        this.plane = plane;
        this.changed = changed;
        gateways = new Prober<>("probe", this::seenOtherwise);
        thread = Thread.ofPlatform().name("steer").daemon().start(this::loop);
    }

    /** Whom to probe from now on. */
    synchronized void update(Handed now) {
        handed = now;
        Optional<InetSocketAddress> own =
                plane.address(now).map(address -> new InetSocketAddress(address, Wire.NODE_PROBE_UDP_PORT));
        own.ifPresent(at -> gateways.update(at, targets(now)));
        pending = true;
        notifyAll();
    }

    /** What is seen of each slot. */
    Map<Integer, PathState> seen() {
        Map<Integer, PathState> seen = new HashMap<>();
        gateways.paths().forEach((slot, path) -> seen.put(slot, path.state()));
        return seen;
    }

    /**
     * Whether anything is seen of the gateways, where there are several: until then routes that stand are left alone. An agent
     * before us may have known which gateway is silent, and one that is only being placed may not be there yet.
     */
    boolean isSettled(Handed now) {
        Map<Integer, PathState> seen = seen();
        Set<Integer> slots = targets(now).keySet();
        return slots.isEmpty()
                || slots.stream()
                        .anyMatch(slot ->
                                !(seen.getOrDefault(slot, new PathState.Unknown()) instanceof PathState.Unknown));
    }

    private Map<Integer, Prober.Target> targets(Handed now) {
        NodeView view = plane.view(now);
        // many nodes probe less often, so that a gateway is not asked more than it answers
        Duration interval = Prober.fast(now.network().nodes().size());
        Map<Integer, Prober.Target> targets = new TreeMap<>();
        if (view.gateways().size() > 1) {
            view.gateways()
                    .forEach(gateway -> targets.put(
                            gateway.slot(),
                            new Prober.Target(
                                    new InetSocketAddress(gateway.address(), Wire.GATEWAY_PROBE_UDP_PORT), interval)));
        }
        return targets;
    }

    private void seenOtherwise() {
        synchronized (this) {
            pending = true;
            notifyAll();
        }
        changed.run();
    }

    private void loop() {
        try {
            for (Optional<Handed> next = next(); next.isPresent(); next = next()) {
                try {
                    Handed now = next.get();
                    if (isSettled(now)) {
                        plane.steer(now, this::seen).forEach(change -> LOG.log(Level.INFO, "{0}", change));
                    }
                } catch (CommandFailedException e) {
                    LOG.log(Level.WARNING, "routes are steered by the next pass: {0}", e.getMessage());
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "routes are steered by the next pass", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Empty: closed. */
    private synchronized Optional<Handed> next() throws InterruptedException {
        while (!closed && (!pending || handed == null)) {
            wait();
        }
        pending = false;
        return closed ? Optional.empty() : Optional.ofNullable(handed);
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        gateways.close();
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
