package io.tombolo.plan.route;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.tunnel.Topology;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is seen of peers.
 *
 * @param peers what our probes say of the slots of each; of a slot that is absent nothing is known
 * @param onSpare peers to which packets go by the spare lane
 * @param dead peers of which nobody answers in any way: nothing is sent to them, and whoever tries is told at once
 */
public record Sights(
        Map<ClusterId, Map<Integer, PathState>> peers, Set<ClusterId> onSpare, Set<ClusterId> dead) {
    public static final Sights NONE = new Sights(Map.of(), Set.of());

    public Sights {
        dead = Set.copyOf(dead);
        onSpare = Set.copyOf(onSpare);
        Map<ClusterId, Map<Integer, PathState>> copy = new HashMap<>();
        peers.forEach((peer, slots) -> copy.put(peer, Map.copyOf(slots)));
        peers = Map.copyOf(copy);
    }

    /** Of peers that are all reached by lanes of their own. */
    public Sights(Map<ClusterId, Map<Integer, PathState>> peers, Set<ClusterId> dead) {
        this(peers, Set.of(), dead);
    }

    public Sights with(Set<ClusterId> nowDead) {
        return new Sights(peers, onSpare, nowDead);
    }

    /**
     * Whether something is seen of each peer, where it has several slots: until then what stands is left alone. An agent
     * before us may have known which slot is silent, and a slot that is only being announced may not be there yet.
     */
    public boolean isSettled(Topology topology) {
        return topology.peers().values().stream()
                .filter(peer -> peer.lanes().size() > 1)
                .allMatch(peer -> PathState.isAnyKnown(of(peer.clusterId()).values()));
    }

    Map<Integer, PathState> of(ClusterId peer) {
        return peers.getOrDefault(peer, Map.of());
    }
}
