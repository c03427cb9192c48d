package io.tombolo.node;

import io.tombolo.host.CommandFailedException;
import io.tombolo.plan.route.NodeView;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import io.tombolo.probe.SteeringLoop;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Keeps this node's packets on a gateway that lives: probes those of the cluster where there are several, and moves what a
 * silent one carried as soon as that is seen. On a thread of its own, since a pass takes its time.
 */
final class Steering implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Steering.class.getName());

    private final NodePlane plane;
    private final Runnable changed;
    private final Prober<Integer> gateways;
    private final SteeringLoop<Handed> loop;

    /** @param changed called after a gateway came, went or said something new: return at once */
    Steering(NodePlane plane, Runnable changed) throws IOException {
        this.plane = plane;
        this.changed = changed;
        loop = new SteeringLoop<>("steer", this::steer);
        gateways = new Prober<>("probe", this::seenOtherwise);
    }

    /** Whom to probe from now on. */
    void update(Handed now) {
        Optional<InetSocketAddress> own =
                plane.address(now).map(address -> new InetSocketAddress(address, Wire.NODE_PROBE_UDP_PORT));
        own.ifPresent(at -> gateways.update(at, targets(now)));
        loop.follow(now);
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
        return targets(now).isEmpty() || PathState.isAnyKnown(seen().values());
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
        loop.signal();
        changed.run();
    }

    private void steer(Handed now) {
        try {
            if (isSettled(now)) {
                plane.steer(now, this::seen).forEach(change -> LOG.log(Level.INFO, "{0}", change));
            }
        } catch (CommandFailedException e) {
            LOG.log(Level.WARNING, "routes are steered by the next pass: {0}", e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        loop.close();
        gateways.close();
    }
}
