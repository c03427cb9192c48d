package io.tombolo.gateway;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The objects a gateway works from: as the API server says, or as they were kept on disk when it last did. It holds
 * private keys; it is printed nowhere.
 *
 * @param localCluster null where there is none
 * @param keys Secret {@code tombolo-gateway}
 * @param announcement ConfigMap {@code tombolo-announcement}
 * @param apiServer slices of {@code default/kubernetes}
 */
record ClusterObjects(
        @Nullable LocalCluster localCluster,
        List<ClusterLink> links,
        @Nullable Secret keys,
        @Nullable ConfigMap announcement,
        List<Node> nodes,
        List<EndpointSlice> apiServer) {

    ClusterObjects {
        links = sorted(links, l -> l.getMetadata().getName());
        nodes = sorted(nodes, n -> n.getMetadata().getName());
        apiServer = sorted(apiServer, s -> s.getMetadata().getName());
    }

    private static <T> List<T> sorted(List<T> objects, Function<T, String> by) {
        return objects.stream().sorted(Comparator.comparing(by)).toList();
    }

    /** Of a node only what we read: its status changes every few seconds, and lists images by the dozen. */
    static Node slim(Node node) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(node.getMetadata().getName())
                .endMetadata()
                .withNewSpec()
                .withUnschedulable(
                        node.getSpec() == null ? null : node.getSpec().getUnschedulable())
                .withPodCIDR(node.getSpec() == null ? null : node.getSpec().getPodCIDR())
                .withPodCIDRs(node.getSpec() == null ? null : node.getSpec().getPodCIDRs())
                .endSpec()
                .withNewStatus()
                .withAddresses(
                        node.getStatus() == null ? null : node.getStatus().getAddresses())
                .endStatus()
                .build();
    }

    /** Says nothing of its contents. */
    @Override
    public String toString() {
        return "ClusterObjects[" + links.size() + " links, " + nodes.size() + " nodes]";
    }
}
