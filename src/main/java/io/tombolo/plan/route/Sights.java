package io.tombolo.plan.route;

import io.tombolo.net.ClusterId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is seen of peers.
 *
 * @param peers what our probes say of the slots of each; of a slot that is absent nothing is known
 * @param dead peers of which nobody answers in any way: nothing is sent to them, and whoever tries is told at once
 */
public record Sights(Map<ClusterId, Map<Integer, PathState>> peers, Set<ClusterId> dead) {
    public static final Sights NONE = new Sights(Map.of(), Set.of());

    public Sights {
        dead = Set.copyOf(dead);
        Map<ClusterId, Map<Integer, PathState>> copy = new HashMap<>();
        peers.forEach((peer, slots) -> copy.put(peer, Map.copyOf(slots)));
        peers = Map.copyOf(copy);
    }

    public Sights with(Set<ClusterId> nowDead) {
        return new Sights(peers, nowDead);
    }

    Map<Integer, PathState> of(ClusterId peer) {
        return peers.getOrDefault(peer, Map.of());
    }
}
