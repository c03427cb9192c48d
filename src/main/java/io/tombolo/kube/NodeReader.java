package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.LocalView;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Node → {@link LocalView.Node}. */
public final class NodeReader {
    private NodeReader() {}

    /** Empty where the node has no InternalIP (yet): nothing can be sent to it. */
    public static Optional<LocalView.Node> read(Node node) {
        TreeSet<Cidr> podCidrs = new TreeSet<>();
        if (node.getSpec() != null) {
            List<String> texts = node.getSpec().getPodCIDRs();
            (texts == null ? List.<String>of() : texts).forEach(text -> podCidrs.add(Cidr.parse(text)));
        }
        return addresses(node, "InternalIP").stream()
                .findFirst()
                .map(address -> new LocalView.Node(node.getMetadata().getName(), address, List.copyOf(podCidrs)));
    }

    /** Every node that has an address, ordered by name. */
    public static List<LocalView.Node> readAll(Collection<Node> nodes) {
        return nodes.stream()
                .flatMap(node -> read(node).stream())
                .sorted(Comparator.comparing(LocalView.Node::name))
                .toList();
    }

    /** What of a node is read here; its status changes every few seconds. */
    public static Object part(Node node) {
        return List.of(read(node), dialable(node));
    }

    /** What a gateway on this node can be dialled at: ExternalIPs, then InternalIPs. */
    public static List<InetAddress> dialable(Node node) {
        return java.util.stream.Stream.concat(
                        addresses(node, "ExternalIP").stream(), addresses(node, "InternalIP").stream())
                .distinct()
                .toList();
    }

    /** Addresses of a type ({@code InternalIP}, {@code ExternalIP}), in the node's order. */
    private static List<InetAddress> addresses(Node node, String type) {
        List<NodeAddress> all = node.getStatus() == null || node.getStatus().getAddresses() == null
                ? List.of()
                : node.getStatus().getAddresses();
        return all.stream()
                .filter(a -> type.equals(a.getType()))
                .map(a -> Addresses.parse(a.getAddress()))
                .toList();
    }
}
