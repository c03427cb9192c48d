package io.tombolo.plan.route;

import io.tombolo.net.ClusterId;
import java.util.HashMap;
import java.util.Map;

/** What our probes say of the slots of every peer. Of a slot that is absent nothing is known. */
public record Sights(Map<ClusterId, Map<Integer, PathState>> peers) {
    public static final Sights NONE = new Sights(Map.of());

    public Sights {
        Map<ClusterId, Map<Integer, PathState>> copy = new HashMap<>();
        peers.forEach((peer, slots) -> copy.put(peer, Map.copyOf(slots)));
        peers = Map.copyOf(copy);
    }

    Map<Integer, PathState> of(ClusterId peer) {
        return peers.getOrDefault(peer, Map.of());
    }
}
