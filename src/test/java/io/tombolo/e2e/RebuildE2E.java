package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.tombolo.kube.ObjectNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Threat T31: identities and doors outlive lanes. Both clusters are rebuilt from the same files with their Secrets restored
 * but for the lane keys, while they cannot reach each other; then the link heals with no human. On the project's own lab.
 */
@ExtendWith(LinkedClusters.Extension.class)
@Order(Integer.MAX_VALUE - 10)
final class RebuildE2E {
    private static final String GROUP = "tombolo.io/v1alpha1";

    private final LinkedClusters clusters;
    private final Lab lab = Lab.require();

    RebuildE2E(LinkedClusters clusters) {
        this.clusters = clusters;
    }

    @Test
    void bothRebuiltWithNewLaneKeysWhileApartHealByThemselves() {
        List<Backup> backups = clusters.both().stream().map(Backup::of).toList();
        lab.exec(
                "wan",
                "sh",
                "-c",
                "nft add table inet apart && nft 'add chain inet apart f { type filter hook forward priority -10; }' && nft add rule inet apart f udp dport 51820-51828 drop");
        try {
            backups.forEach(Backup::remove);
            backups.forEach(Backup::restore);
        } finally {
            lab.exec("wan", "nft", "delete", "table", "inet", "apart");
        }
        for (Backup backup : backups) {
            Cluster from = backup.cluster();
            Cluster to = clusters.other(from);
            String name = "who-" + to.context() + "." + NAMESPACE + ".svc.clusterset.local";
            LinkedClusters.awaitAnswer(
                    "the link from " + from + " healed",
                    () -> from.exec(NAMESPACE, backup.probe(), clusters.family().tcp(name, 80)));
        }
        for (Backup backup : backups) {
            assertFalse(backup.laneKeys().equals(Backup.of(backup.cluster()).laneKeys()), "the lane keys are new ones");
        }
    }

    /**
     * What an admin has in Git and in a vault.
     *
     * @param probe the pod that asks, learned while there is a gateway
     */
    private record Backup(
            Cluster cluster, String probe, List<Secret> secrets, List<GenericKubernetesResource> objects) {
        static Backup of(Cluster cluster) {
            List<Secret> secrets = new ArrayList<>();
            for (String name : List.of("tombolo-identity", "tombolo-gateway")) {
                Secret secret = cluster.client()
                        .secrets()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName(name)
                        .get();
                secrets.add(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(ObjectNames.NAMESPACE)
                        .endMetadata()
                        .withData(secret.getData())
                        .build());
            }
            List<GenericKubernetesResource> objects = new ArrayList<>();
            for (String kind : List.of("LocalCluster", "ClusterLink")) {
                cluster.client()
                        .genericKubernetesResources(GROUP, kind)
                        .list()
                        .getItems()
                        .forEach(o -> {
                            o.setMetadata(new ObjectMetaBuilder()
                                    .withName(o.getMetadata().getName())
                                    .build());
                            o.setAdditionalProperty("status", null);
                            objects.add(o);
                        });
            }
            String probe = "probe-" + cluster.nodesGatewayFirst().getLast();
            return new Backup(cluster, probe, secrets, objects);
        }

        Map<String, String> laneKeys() {
            return secrets.getLast().getData().entrySet().stream()
                    .filter(e -> e.getKey().startsWith("lane-"))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }

        void remove() {
            objects.forEach(o -> cluster.client().resource(o).delete());
            LinkedClusters.await(
                    "everything owned is gone in " + cluster,
                    () -> secrets.stream()
                                    .allMatch(s -> cluster.client().resource(s).get() == null)
                            && cluster.client()
                                            .pods()
                                            .inNamespace(ObjectNames.NAMESPACE)
                                            .withName("tombolo-gateway-0")
                                            .get()
                                    == null);
        }

        void restore() {
            for (Secret secret : secrets) {
                secret.getData().keySet().removeIf(k -> k.startsWith("lane-"));
                cluster.client().resource(secret).create();
            }
            objects.forEach(o -> cluster.client().resource(o).create());
        }
    }
}
