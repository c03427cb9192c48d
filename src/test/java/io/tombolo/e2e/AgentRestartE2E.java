package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CompletableFuture;
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
        Flow.install(from, source);
        Flow.install(to, target);
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

    private static int agentRestarts(Cluster cluster) {
        return cluster.pod("tombolo-system", "tombolo-gateway-0").getStatus().getContainerStatuses().stream()
                .filter(s -> s.getName().equals("agent"))
                .mapToInt(s -> s.getRestartCount())
                .findFirst()
                .orElseThrow();
    }
}
