package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many gateways there are, and what each of them consists of. */
final class GatewayStatefulSetTest {
    private static LocalCluster cluster(String gateways) {
        LocalCluster cluster = Serialization.unmarshal(
                "{\"apiVersion\": \"tombolo.io/v1alpha1\", \"kind\": \"LocalCluster\","
                        + " \"spec\": {\"clusterId\": \"west\", \"gateways\": " + gateways + "}}",
                LocalCluster.class);
        cluster.setMetadata(
                new ObjectMetaBuilder().withName("local").withUid("uid").build());
        return cluster;
    }

    private static ClusterLink link(String pinned, String announced) {
        return Serialization.unmarshal(
                "{\"apiVersion\": \"tombolo.io/v1alpha1\", \"kind\": \"ClusterLink\","
                        + " \"spec\": {\"identities\": [], \"gateways\": " + pinned + "},"
                        + " \"status\": {\"peer\": {\"gateways\": " + announced + "}}}",
                ClusterLink.class);
    }

    private static List<Container> containers(LocalCluster cluster, ClusterLink... links) {
        return GatewayStatefulSet.desired(cluster, "image", GatewayStatefulSet.lanes(cluster.getSpec(), List.of(links)))
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers();
    }

    private static List<String> names(List<Container> containers) {
        return containers.stream().map(Container::getName).toList();
    }

    @Test
    void oneGatewayIsWhatNobodyAskedFor() {
        for (String gateways : List.of("null", "{}", "{\"replicas\": 1}")) {
            assertEquals(
                    1,
                    GatewayStatefulSet.desired(cluster(gateways), "image", 2)
                            .getSpec()
                            .getReplicas());
        }
    }

    @Test
    void noPodIsRenewedWhereOneGatewayBecomesTwoAndTheirLanesOutliveTheDrain() {
        List<Container> containers = containers(cluster("{}"));
        assertEquals(List.of("agent", "wireguard-tbdoor", "wireguard-tb0", "wireguard-tb1"), names(containers));
        assertEquals(
                containers,
                containers(cluster("{\"replicas\": 2}"), link("null", "[{\"slot\": 1, \"publicKey\": \"key\"}]")));
        assertNull(containers.getFirst().getLifecycle());
        assertEquals(
                List.of("sleep", "2"),
                containers.getLast().getLifecycle().getPreStop().getExec().getCommand());
    }

    @Test
    void thereAreAsManyLanesAsTheLargestPeerHasGatewaysPinnedOrAnnounced() {
        String slot2 = "[{\"slot\": 2, \"publicKey\": \"key\"}]";
        assertEquals(5, containers(cluster("{}"), link(slot2, "[]")).size());
        assertEquals(
                5,
                containers(cluster("{}"), link("null", slot2), link("[]", "null"))
                        .size());
    }
}
