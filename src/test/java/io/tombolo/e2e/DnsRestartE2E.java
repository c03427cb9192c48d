package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.tombolo.kube.ObjectNames;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the death of a server of names costs those who ask the cluster's own DNS. On the project's own lab. */
@ExtendWith(LinkedClusters.Extension.class)
final class DnsRestartE2E {
    /** One after the other, about 20 ms each: longer than a server is away. */
    private static final int ASKED = 300;
    /** No second try, and no second's patience. */
    private static final String ASK = """
            failed=0; for i in $(seq %d); do
              dig +short +time=1 +retry=0 %s | grep -qE '^[0-9.]+$' || failed=$((failed+1))
            done; echo $failed""";

    private final Cluster cluster;
    private final String name;
    private final Lab lab = Lab.require();

    DnsRestartE2E(LinkedClusters clusters) {
        this.cluster = clusters.first();
        this.name = "who-" + clusters.second().context() + "." + NAMESPACE + ".svc.clusterset.local";
    }

    /** Each in turn: it cannot be seen from here which of them the cluster's DNS asks. */
    @TestFactory
    Stream<DynamicTest> aKilledServerCostsAClientOneAnswerAndRestartsWarm() {
        List<Pod> servers = cluster.client()
                .pods()
                .inNamespace(ObjectNames.NAMESPACE)
                .withLabel("app.kubernetes.io/component", "dns")
                .list()
                .getItems();
        return servers.stream()
                .map(server -> dynamicTest(
                        "on " + server.getSpec().getNodeName(),
                        () -> assertAnswersWithout(server.getMetadata().getName())));
    }

    private void assertAnswersWithout(String server) {
        String node = cluster.pod(ObjectNames.NAMESPACE, server).getSpec().getNodeName();
        int restarts = restarts(server);
        String pid = lab.exec(node, "pgrep", "-f", "io.tombolo.Main dns");
        List<CompletableFuture<Integer>> clients =
                cluster.nodesGatewayFirst().stream().map(this::failed).toList();

        lab.exec(node, "kill", "-9", pid);

        assertTrue(clients.stream().noneMatch(CompletableFuture::isDone), "all was asked before the server died");
        LinkedClusters.await(
                "the restart of " + server,
                () -> restarts(server) > restarts && Readiness.isPodReady(cluster.pod(ObjectNames.NAMESPACE, server)));
        List<Integer> failed = clients.stream().map(CompletableFuture::join).toList();
        System.out.printf("DNS server killed: queries of %d that failed, by client: %s%n", ASKED, failed);
        assertTrue(failed.stream().allMatch(f -> f <= 1), () -> "failed, by client: " + failed);
        String log = cluster.client()
                .pods()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(server)
                .getLog();
        assertTrue(log.contains("services from before"), log);
    }

    /** How many queries of a client on this node fail. */
    private CompletableFuture<Integer> failed(String node) {
        return CompletableFuture.supplyAsync(() ->
                Integer.parseInt(cluster.exec(NAMESPACE, "probe-" + node, 60, "sh", "-c", ASK.formatted(ASKED, name))));
    }

    private int restarts(String server) {
        return cluster.pod(ObjectNames.NAMESPACE, server)
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getRestartCount();
    }
}
