package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What an agent before us knew to pass by each lane: it is in the kernel, in the routes to the lanes' tunnel addresses. */
public final class StandingMtus {
    private StandingMtus() {}

    /**
     * @param standing what is in the kernel
     * @return bytes, by peer and slot; a lane of which nothing was known is absent
     */
    public static Map<ClusterId, Map<Integer, Integer>> of(
            Topology topology, Collection<? extends KernelObject> standing) {
        Map<Cidr, Integer> known = new HashMap<>();
        for (KernelObject object : standing) {
            if (object instanceof Route route && route.table() == Route.MAIN && route.mtu() > 0) {
                known.put(route.destination(), route.mtu());
            }
        }
        Map<ClusterId, Map<Integer, Integer>> mtus = new HashMap<>();
        for (Peer peer : topology.peers().values()) {
            for (Peer.Lane lane : peer.lanes()) {
                Integer mtu = known.get(Cidr.host(peer.address().lane(lane.slot())));
                if (mtu != null) {
                    mtus.computeIfAbsent(peer.clusterId(), _ -> new HashMap<>()).put(lane.slot(), mtu);
                }
            }
        }
        return mtus;
    }
}
