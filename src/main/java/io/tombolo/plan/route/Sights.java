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
 * @param mtus what passes by the lane to each slot, bytes; of one that is absent it is what the lane's device takes
 */
public record Sights(
        Map<ClusterId, Map<Integer, PathState>> peers,
        Set<ClusterId> onSpare,
        Set<ClusterId> dead,
        Map<ClusterId, Map<Integer, Integer>> mtus) {
    public static final Sights NONE = new Sights(Map.of(), Set.of());

    public Sights {
        dead = Set.copyOf(dead);
        onSpare = Set.copyOf(onSpare);
        Map<ClusterId, Map<Integer, PathState>> copy = new HashMap<>();
        peers.forEach((peer, slots) -> copy.put(peer, Map.copyOf(slots)));
        peers = Map.copyOf(copy);
        Map<ClusterId, Map<Integer, Integer>> sizes = new HashMap<>();
        mtus.forEach((peer, slots) -> sizes.put(peer, Map.copyOf(slots)));
        mtus = Map.copyOf(sizes);
    }

    /** Of peers that are all reached by lanes of their own. */
    public Sights(Map<ClusterId, Map<Integer, PathState>> peers, Set<ClusterId> dead) {
        this(peers, Set.of(), dead, Map.of());
    }

    public Sights with(Map<ClusterId, Map<Integer, Integer>> nowPassing) {
        return new Sights(peers, onSpare, dead, nowPassing);
    }

    public Sights with(Set<ClusterId> nowDead) {
        return new Sights(peers, onSpare, nowDead, mtus);
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

    /** Bytes of what passes by the lane to this slot; 0: whatever its device takes. */
    int mtu(ClusterId peer, int slot) {
        return mtus.getOrDefault(peer, Map.of()).getOrDefault(slot, 0);
    }

    /**
     * Bytes of what passes by every lane to the peer that lives, so that a packet fits whichever it is moved to; by all of
     * them where none is known to live; 0: whatever the device takes.
     */
    int mtu(ClusterId peer) {
        Map<Integer, PathState> seen = of(peer);
        Map<Integer, Integer> sizes = mtus.getOrDefault(peer, Map.of());
        return sizes.entrySet().stream()
                .filter(e -> seen.get(e.getKey()) instanceof PathState.Up)
                .mapToInt(Map.Entry::getValue)
                .min()
                .orElseGet(() -> sizes.values().stream()
                        .mapToInt(Integer::intValue)
                        .min()
                        .orElse(0));
    }

    Map<Integer, PathState> of(ClusterId peer) {
        return peers.getOrDefault(peer, Map.of());
    }
}
