package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.probe.Prober;
import io.tombolo.problem.Finding;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one pass of the gateway saw and did.
 *
 * @param ready whether the kernel is as planned
 * @param laneKeys the public key that counts of each of our lanes
 * @param held why lanes have not changed to the next key, by path
 * @param paths every lane, as the probes see it
 * @param refusals the last announcement of each peer that was refused, and why
 * @param findings about this node
 */
public record Pass(
        World world,
        Topology topology,
        boolean ready,
        SortedMap<Integer, PublicKey> laneKeys,
        Map<PathKey, Finding> held,
        SortedMap<PathKey, Prober.Path> paths,
        Map<ClusterId, Finding> refusals,
        List<Finding> findings) {

    /** The same with the paths as they are now. */
    Pass at(SortedMap<PathKey, Prober.Path> now) {
        return new Pass(world, topology, ready, laneKeys, held, now, refusals, findings);
    }

    /** The slots of each peer that a lane of ours reaches now; a peer that none reaches has an empty set. */
    public SortedMap<ClusterId, Set<Integer>> live() {
        SortedMap<ClusterId, Set<Integer>> live = new TreeMap<>();
        topology.peers().keySet().forEach(peer -> live.put(peer, new TreeSet<>()));
        paths.forEach((key, path) -> {
            if (path.state().isUp()) {
                live.getOrDefault(key.peer(), new TreeSet<>()).add(key.slot());
            }
        });
        return Collections.unmodifiableSortedMap(live);
    }
}
