package io.tombolo.node;

import io.tombolo.handover.MalformedDocumentException;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.handover.NetworkDocumentCodec;
import io.tombolo.handover.NodeExports;
import io.tombolo.handover.NodeExportsCodec;
import io.tombolo.net.Cidr;
import io.tombolo.plan.firewall.ServiceSocket;
import io.tombolo.plan.route.NodeView;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the operator handed to one node, parsed. */
record Handed(NetworkDocument network, NodeExports exports) {

    static Handed parse(String network, String exports) throws MalformedDocumentException {
        return new Handed(NetworkDocumentCodec.read(network), NodeExportsCodec.read(exports));
    }

    /** The network as {@code node} sees it. A node that is not listed yet is fenced like any other. */
    NodeView view(String node) {
        List<Cidr> here = listed(node).map(NetworkDocument.Node::podCidrs).orElse(List.of());
        List<Cidr> local = Stream.concat(
                        network.podCidrs().stream(), network.nodes().stream().flatMap(n -> n.podCidrs().stream()))
                .toList();
        return new NodeView(
                node,
                here,
                local,
                network.gateways().stream()
                        .map(g -> new NodeView.Gateway(g.slot(), g.node(), g.address()))
                        .toList(),
                network.peers().stream()
                        .map(p -> new NodeView.Peer(p.prefixes(), p.allPods()))
                        .toList(),
                network.aliases());
    }

    /** The node's own address on the underlay; empty while the operator has not listed it. */
    Optional<InetAddress> address(String node) {
        return listed(node).map(NetworkDocument.Node::address);
    }

    List<ServiceSocket> sockets() {
        return exports.exported().stream()
                .flatMap(e -> e.addresses().stream().map(a -> new ServiceSocket(a, e.transport(), e.port())))
                .toList();
    }

    private Optional<NetworkDocument.Node> listed(String node) {
        return network.nodes().stream().filter(n -> n.name().equals(node)).findFirst();
    }
}
