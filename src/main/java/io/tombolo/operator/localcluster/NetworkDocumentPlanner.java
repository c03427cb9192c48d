package io.tombolo.operator.localcluster;

import io.tombolo.handover.NetworkDocument;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Topology;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What every node must know, from the topology and where the gateways run now. */
final class NetworkDocumentPlanner {
    private NetworkDocumentPlanner() {}

    /** @param gatewayNodes names of the nodes that run each slot; a slot whose node is unknown is left out */
    static NetworkDocument plan(Topology topology, Map<Integer, String> gatewayNodes) {
        LocalView local = topology.local();
        List<NetworkDocument.Node> nodes = local.nodes().stream()
                .sorted(Comparator.comparing(LocalView.Node::name))
                .map(n -> new NetworkDocument.Node(n.name(), n.address(), n.podCidrs()))
                .toList();
        List<NetworkDocument.Gateway> gateways = new TreeMap<>(gatewayNodes)
                .entrySet().stream()
                        .flatMap(slot -> nodes.stream()
                                .filter(n -> n.name().equals(slot.getValue()))
                                .map(n -> new NetworkDocument.Gateway(slot.getKey(), n.name(), n.address())))
                        .toList();
        List<NetworkDocument.Peer> peers = topology.peers().values().stream()
                .filter(peer -> !peer.prefixes().isEmpty())
                .map(peer -> new NetworkDocument.Peer(
                        peer.clusterId(), peer.prefixes(), peer.access() == LinkView.Access.ALL_PODS))
                .toList();
        return new NetworkDocument(local.clusterId(), local.podCidrs(), local.aliases(), gateways, nodes, peers);
    }
}
