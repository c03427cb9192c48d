package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.problem.Finding;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * This cluster and every peer that passed its checks: the one value from which devices, routes and firewalls follow.
 * The same inputs in any order give the same topology.
 *
 * @param peers sound peers by cluster ID
 * @param findings what is wrong, by link. A link whose spec is wrong is absent from {@code peers}; one that had announced
 *     itself before its spec went wrong stays, without the part that is wrong (last good state), unless it is its name or
 *     its identities.
 */
public record Topology(LocalView local, SortedMap<ClusterId, Peer> peers, Map<ClusterId, List<Finding>> findings) {

    public Topology {
        peers = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(peers));
        findings = Map.copyOf(findings);
    }

    /**
     * Whether a lane stands beside the only one that leads to a peer: where we and it have one gateway each and one of them
     * changes its lane key. It is not probed, and carries our packets while the other changes.
     */
    public boolean hasSpare(Peer peer) {
        if (local.gateways().size() != 1 || peer.lanes().size() != 1) {
            return false;
        }
        LocalView.Gateway ours = local.gateways().getFirst();
        Peer.Lane theirs = peer.lanes().getFirst();
        return ours.slot() == 0
                && theirs.slot() == 0
                && (ours.nextLaneKey().isPresent() || theirs.next().isPresent());
    }

    /** How many lanes a gateway of ours has. */
    public int lanes() {
        boolean spare = peers.values().stream().anyMatch(this::hasSpare);
        int used = peers.values().stream()
                .flatMap(peer -> peer.lanes().stream())
                .mapToInt(lane -> lane.slot() + 1)
                .max()
                .orElse(0);
        return Math.max(used, spare ? Wire.SPARE_LANE + 1 : 0);
    }

    /** Every accepted remote prefix, ordered. */
    public List<Cidr> remotePrefixes() {
        return peers.values().stream()
                .flatMap(p -> p.prefixes().stream())
                .sorted()
                .toList();
    }
}
