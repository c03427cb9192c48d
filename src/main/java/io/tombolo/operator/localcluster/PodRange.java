package io.tombolo.operator.localcluster;

import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.LocalView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * This cluster's pod addresses, from its nodes. Conservative: what is announced holds no address that is no node's, so
 * that it never claims somebody else's; only where that takes more than {@link #MOST} prefixes are neighbours joined,
 * those first whose union adds least.
 */
final class PodRange {
    /** As many as {@code LocalCluster.status.network.podCIDRs} holds. */
    static final int MOST = 16;

    private PodRange() {}

    /** Ordered; empty where no node has a podCIDR (a flat pool: the admin must name it). */
    static List<Cidr> ofNodes(Collection<LocalView.Node> nodes) {
        TreeSet<Cidr> prefixes = new TreeSet<>();
        nodes.forEach(node -> prefixes.addAll(node.podCidrs()));
        List<Cidr> range = joined(List.copyOf(prefixes), 0);
        for (int added = 1; range.size() > MOST && added < 128; added++) {
            range = joined(range, added);
        }
        return range;
    }

    /**
     * Joins neighbours until nothing changes.
     *
     * @param added bits by which a union may be shorter than the longer of the two: 0 joins what is contained, and
     *     halves whose union is exact
     */
    private static List<Cidr> joined(List<Cidr> ordered, int added) {
        List<Cidr> result = new ArrayList<>();
        for (Cidr next : ordered) {
            Cidr candidate = next;
            while (!result.isEmpty() && mayJoin(result.getLast(), candidate, added)) {
                candidate = union(result.removeLast(), candidate);
            }
            result.add(candidate);
        }
        return List.copyOf(result);
    }

    private static boolean mayJoin(Cidr a, Cidr b, int added) {
        if (a.isIpv4() != b.isIpv4()) {
            return false;
        }
        Cidr union = union(a, b);
        boolean exact =
                a.contains(b) || b.contains(a) || (a.length() == b.length() && union.length() == a.length() - 1);
        return exact || (added > 0 && union.length() >= Math.min(a.length(), b.length()) - added);
    }

    private static Cidr union(Cidr a, Cidr b) {
        int length = Math.min(a.length(), b.length());
        while (!Cidr.containing(a.network(), length).contains(b.network())) {
            length--;
        }
        return Cidr.containing(a.network(), length);
    }
}
