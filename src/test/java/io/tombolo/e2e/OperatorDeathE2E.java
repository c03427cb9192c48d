package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ObjectNames;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The operator that leads dies, stands still or is replaced: no packet notices, and what is asked of it meanwhile another does
 * soon. Row F2 of the faults. On the project's own lab.
 */
@ExtendWith(LinkedClusters.Extension.class)
final class OperatorDeathE2E {
    private static final Duration SILENT = Duration.ofSeconds(10);
    private static final Duration CLEAN = Duration.ofSeconds(2);
    private static final int FLOW_SECONDS = 20;
    /** Of the name of who holds the Lease: a dash and a UUID follow the pod's. */
    private static final int UUID = 37;

    private final LinkedClusters clusters;
    private final Cluster cluster;
    private final Lab lab = Lab.require();

    OperatorDeathE2E(LinkedClusters clusters) {
        this.clusters = clusters;
        this.cluster = clusters.first();
    }

    @Test
    void aKilledLeaderIsFollowed() {
        follows("killed", SILENT, leader -> signal(leader, "KILL"));
    }

    @Test
    void aLeaderThatStandsStillIsFollowedAndDoesNotLeadWhenItGoesOn() {
        String stopped = pod(holder());
        follows("stopped", SILENT, leader -> signal(leader, "STOP"));
        String follower = holder();
        signal(stopped, "CONT");
        assertTrue(seconds(this::change) <= CLEAN.toSeconds());
        assertEquals(follower, holder());
    }

    @Test
    void aReplacedLeaderHandsOver() {
        follows("replaced", CLEAN, leader -> cluster.client()
                .pods()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(leader)
                .delete());
    }

    private interface End {
        void of(String leader);
    }

    private void follows(String what, Duration limit, End end) {
        LinkedClusters.await(
                "two operators",
                () -> cluster.client()
                                .apps()
                                .deployments()
                                .inNamespace(ObjectNames.NAMESPACE)
                                .withName(ObjectNames.OPERATOR)
                                .require()
                                .getStatus()
                                .getReadyReplicas()
                        == 2);
        Cluster other = clusters.second();
        String target = "probe-" + other.nodesGatewayFirst().getLast();
        Drops dropped = Drops.at(lab, clusters.nodes());
        CompletableFuture<Flow.Report> flow = Flow.start(
                cluster,
                "probe-" + cluster.nodesGatewayFirst().getLast(),
                other.podIp(NAMESPACE, target),
                FLOW_SECONDS);
        String leader = holder();
        end.of(pod(leader));
        double longest = 0;
        boolean followed = false;
        while (!followed) {
            followed = !leader.equals(holder()); // and one change more
            longest = Math.max(longest, seconds(this::change));
        }
        double took = longest;
        Flow.Report report = flow.join();
        System.out.printf(
                "the operator that leads is %s: what is asked is done after %.1f s at most, %s%n", what, took, report);
        // of thirty runs the worst may take so long
        assertTrue(took <= 2 * limit.toSeconds() + 0.1, () -> what + ": " + took + " s");
        assertEquals(0, report.lost(), dropped::grown);
    }

    private static double seconds(Runnable act) {
        double began = Lab.uptime();
        act.run();
        return Lab.uptime() - began;
    }

    /** Asks for something that moves nothing, and waits until it is seen. */
    private void change() {
        int hours = Integer.valueOf(720)
                        .equals(requireNonNull(local().require().getSpec().keys())
                                .rotationHours())
                ? 721
                : 720;
        long asked = local().patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\":{\"keys\":{\"rotationHours\":" + hours + "}}}")
                .getMetadata()
                .getGeneration();
        LinkedClusters.await("the operator has seen it", () -> {
            Long observed = local().require().getStatus().observedGeneration();
            return observed != null && observed >= asked;
        });
    }

    private Resource<LocalCluster> local() {
        return cluster.client().resources(LocalCluster.class).withName(LocalCluster.NAME);
    }

    /** Who holds the Lease. */
    private String holder() {
        return cluster.client()
                .leases()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(ObjectNames.OPERATOR)
                .require()
                .getSpec()
                .getHolderIdentity();
    }

    private static String pod(String holder) {
        return holder.substring(0, Math.max(0, holder.length() - UUID));
    }

    private void signal(String pod, String signal) {
        String node = cluster.pod(ObjectNames.NAMESPACE, pod).getSpec().getNodeName();
        String pid = lab.exec(node, "pgrep", "-f", "jar .*quarkus-run.jar")
                .lines()
                .findFirst()
                .orElseThrow();
        lab.exec(node, "kill", "-" + signal, pid);
    }
}
