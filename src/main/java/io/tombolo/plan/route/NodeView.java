package io.tombolo.plan.route;

import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The network as one node must see it: what its routes and its firewall are planned from.
 *
 * @param node its name
 * @param here this node's part of the pod range; empty where the cluster has one flat pool, or does not know the node yet
 * @param local every pod prefix of this cluster
 * @param gateways ordered by slot
 * @param peers ordered by cluster ID
 * @param aliases under which peers know our pods
 */
public record NodeView(
        String node, List<Cidr> here, List<Cidr> local, List<Gateway> gateways, List<Peer> peers, Aliases aliases) {

    public NodeView {
        here = here.stream().distinct().sorted().toList();
        local = local.stream().distinct().sorted().toList();
        gateways =
                gateways.stream().sorted(Comparator.comparingInt(Gateway::slot)).toList();
        peers = List.copyOf(peers);
    }

    /** Where peers know our pods under their own addresses. */
    public NodeView(String node, List<Cidr> here, List<Cidr> local, List<Gateway> gateways, List<Peer> peers) {
        this(node, here, local, gateways, peers, Aliases.NONE);
    }

    /** @param address on the underlay */
    public record Gateway(int slot, String node, InetAddress address) {}

    /** @param allPods whether the peer may reach every pod, or exported sockets only */
    public record Peer(List<Cidr> prefixes, boolean allPods) {
        public Peer {
            prefixes = List.copyOf(prefixes);
        }
    }

    /** Every remote prefix, ordered. */
    public List<Cidr> remote() {
        return peers.stream()
                .flatMap(p -> p.prefixes().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** Source prefixes of the pods that may be on this node. */
    public List<Cidr> sources() {
        return here.isEmpty() ? local : here;
    }

    /**
     * The gateways in the order in which they serve this node: the one it hosts, then as its own prefix has them or, in a
     * flat pool, its name. None but the hosted one while nothing is known of pods.
     */
    List<Gateway> order() {
        List<Gateway> hosted = gateways.stream().filter(this::hosts).toList();
        if (sources().isEmpty()) {
            return hosted;
        }
        Map<Integer, Gateway> others = new HashMap<>();
        gateways.stream().filter(g -> !hosts(g)).forEach(g -> others.put(g.slot(), g));
        List<Integer> order =
                here.isEmpty() ? SlotOrder.of(node, others.keySet()) : SlotOrder.of(here.getFirst(), others.keySet());
        return Stream.concat(hosted.stream(), order.stream().flatMap(slot -> Stream.ofNullable(others.get(slot))))
                .toList();
    }

    /** Whether this node runs that gateway. */
    public boolean hosts(Gateway gateway) {
        return gateway.node().equals(node);
    }

    /**
     * What this node's own processes are seen as in other clusters, but for aliases: the network address of its pod range,
     * which no pod has. Empty in a flat pool: there such clients cannot cross.
     */
    public Optional<InetAddress> hostSource(boolean ipv6) {
        return here.stream().filter(c -> c.isIpv4() != ipv6).findFirst().map(Cidr::network);
    }
}
