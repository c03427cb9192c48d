package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What new lane keys for every gateway cost a flow between two linked clusters, which is nothing. */
@ExtendWith(LinkedClusters.Extension.class)
final class KeyRotationE2E {
    private static final int SECONDS = 60;

    private final LinkedClusters clusters;

    KeyRotationE2E(LinkedClusters clusters) {
        this.clusters = clusters;
    }

    @Test
    void aFlowLosesNothingWhileTheGatewaysOfBothClustersChangeTheirKeys() {
        Cluster from = clusters.first();
        Cluster to = clusters.second();
        String source = "probe-" + from.nodesGatewayFirst().getLast();
        String target = "probe-" + to.nodesGatewayFirst().getLast();

        CompletableFuture<Flow.Report> flow = Flow.start(from, source, to.podIp(NAMESPACE, target), SECONDS);
        for (Cluster cluster : clusters.both()) {
            long began = System.nanoTime();
            int before = keyGeneration(cluster);
            cluster.client()
                    .resources(LocalCluster.class)
                    .withName(LocalCluster.NAME)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"annotations\":{\"" + ObjectNames.ROTATE_ANNOTATION + "\":\""
                                    + Instant.now() + "\"}}}");
            LinkedClusters.await(
                    "new lane keys in " + cluster, () -> isCurrent(cluster) && keyGeneration(cluster) > before);
            System.out.println("the lanes of " + cluster + " have new keys after "
                    + (System.nanoTime() - began) / 1_000_000 + " ms");
        }
        Flow.Report report = flow.join();

        System.out.println("lane keys rotated in both clusters under a 1 kHz flow: " + report);
        assertEquals(0, report.lost());
    }

    private static LocalCluster local(Cluster cluster) {
        return cluster.client()
                .resources(LocalCluster.class)
                .withName(LocalCluster.NAME)
                .require();
    }

    private static boolean isCurrent(Cluster cluster) {
        return Conditions.isTrue(local(cluster).getStatus().conditions(), "KeysCurrent");
    }

    private static int keyGeneration(Cluster cluster) {
        return requireNonNull(local(cluster).getStatus().gateways()).stream()
                .mapToInt(gateway -> requireNonNull(gateway.keyGeneration()))
                .min()
                .orElseThrow();
    }
}
