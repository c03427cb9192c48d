package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.client.readiness.Readiness;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an agent's death costs: nothing. On the project's own lab. */
@ExtendWith(LinkedClusters.Extension.class)
final class AgentRestartE2E {
    private static final String INDEX = "ip -o link show tb0 | cut -d: -f1";

    private final LinkedClusters clusters;
    private final Lab lab = Lab.require();

    AgentRestartE2E(LinkedClusters clusters) {
        this.clusters = clusters;
    }

    @Test
    void aKilledGatewayAgentLosesNothing() {
        Cluster from = clusters.first();
        Cluster to = clusters.second();
        String source = "probe-" + from.nodesGatewayFirst().getLast();
        String target = "probe-" + to.nodesGatewayFirst().getLast();
        String gateway = from.gatewayNode();
        String before = lab.exec(gateway, "sh", "-c", INDEX);
        int restarts = agentRestarts(from);

        CompletableFuture<Flow.Report> flow = Flow.start(from, source, to.podIp(NAMESPACE, target), 8);
        String pid = lab.exec(gateway, "pgrep", "-f", "io.tombolo.Main gateway")
                .lines()
                .findFirst()
                .orElseThrow();
        lab.exec(gateway, "kill", "-9", pid);
        LinkedClusters.await("the agent's restart", () -> agentRestarts(from) > restarts);
        Flow.Report report = flow.join();

        System.out.println("gateway agent killed under a 1 kHz flow: " + report);
        assertEquals(0, report.lost());
        assertEquals(before, lab.exec(gateway, "sh", "-c", INDEX), "the same device");
    }

    /** An upgrade replaces the agents' pods one after the other; what they made stays meanwhile, on every node. */
    @Test
    void replacedNodeAgentsRemoveNothingAndLoseNothing() {
        Cluster from = clusters.first();
        Cluster to = clusters.second();
        String source = "probe-" + from.nodesGatewayFirst().getLast();
        String target = "probe-" + to.nodesGatewayFirst().getLast();

        CompletableFuture<Flow.Report> flow = Flow.start(from, source, to.podIp(NAMESPACE, target), 20);
        Set<String> before = nodeAgents(from);
        from.client()
                .pods()
                .inNamespace("tombolo-system")
                .withLabel("app.kubernetes.io/component", "node")
                .delete();
        LinkedClusters.await("new agents on every node", () -> {
            Set<String> ready = nodeAgents(from);
            return ready.size() == before.size() && ready.stream().noneMatch(before::contains);
        });
        Flow.Report report = flow.join();

        System.out.println("node agents replaced under a 1 kHz flow: " + report);
        assertEquals(0, report.lost());
    }

    /** UIDs of the node agents that are ready. */
    private static Set<String> nodeAgents(Cluster cluster) {
        return cluster
                .client()
                .pods()
                .inNamespace("tombolo-system")
                .withLabel("app.kubernetes.io/component", "node")
                .list()
                .getItems()
                .stream()
                .filter(Readiness::isPodReady)
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    private static int agentRestarts(Cluster cluster) {
        return cluster.pod("tombolo-system", "tombolo-gateway-0").getStatus().getContainerStatuses().stream()
                .filter(s -> s.getName().equals("agent"))
                .mapToInt(s -> s.getRestartCount())
                .findFirst()
                .orElseThrow();
    }
}
