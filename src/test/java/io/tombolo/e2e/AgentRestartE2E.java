package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.tombolo.kube.ObjectNames;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the death of an agent, or the replacement of all, costs: nothing that the next one would have to make again. On the project's own lab. */
@ExtendWith(LinkedClusters.Extension.class)
final class AgentRestartE2E {
    private static final String KEPT =
            "nft list table inet tombolo_node >/dev/null && ip rule | grep -q 'proto 74' && echo kept";
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

        Drops dropped = Drops.at(lab, clusters.nodes());
        CompletableFuture<Flow.Report> flow = Flow.start(from, source, to.podIp(NAMESPACE, target), 8);
        String pid = lab.exec(gateway, "pgrep", "-f", "io.tombolo.Main gateway")
                .lines()
                .findFirst()
                .orElseThrow();
        lab.exec(gateway, "kill", "-9", pid);
        LinkedClusters.await("the agent's restart", () -> agentRestarts(from) > restarts);
        Flow.Report report = flow.join();

        System.out.println("gateway agent killed under a 1 kHz flow: " + report);
        assertEquals(0, report.lost(), dropped::grown);
        assertEquals(before, lab.exec(gateway, "sh", "-c", INDEX), "the same device");
    }

    /** An upgrade replaces the agents' pods one after the other; what they made stays meanwhile, on every node. */
    @Test
    void replacedNodeAgentsRemoveNothingAndLoseNothing() {
        Cluster from = clusters.first();
        Cluster to = clusters.second();
        String source = "probe-" + from.nodesGatewayFirst().getLast();
        String target = "probe-" + to.nodesGatewayFirst().getLast();

        Drops dropped = Drops.at(lab, clusters.nodes());
        CompletableFuture<Flow.Report> flow = Flow.start(from, source, to.podIp(NAMESPACE, target), 20);
        Set<String> before = nodeAgents(from);
        from.client()
                .pods()
                .inNamespace(ObjectNames.NAMESPACE)
                .withLabel("app.kubernetes.io/component", "node")
                .delete();
        LinkedClusters.await("new agents on every node", () -> {
            Set<String> ready = nodeAgents(from);
            return ready.size() == before.size() && ready.stream().noneMatch(before::contains);
        });
        Flow.Report report = flow.join();

        System.out.println("node agents replaced under a 1 kHz flow: " + report);
        assertEquals(0, report.lost(), dropped::grown);
    }

    /** An upgrade replaces everything at once; whoever stops must see that it is not being removed. */
    @Test
    void anUpgradeOfEverythingRemovesNothing() {
        Cluster upgraded = clusters.first();
        Cluster other = clusters.second();
        List<String> nodes = upgraded.nodesGatewayFirst();
        Set<String> before = pods(upgraded, "app.kubernetes.io/name", "tombolo");
        try (Deletions deletions = new Deletions(upgraded)) {
            upgraded.client().pods().inNamespace(ObjectNames.NAMESPACE).delete();
            // eight JVMs start at once
            Awaitility.await("new pods in place of all")
                    .atMost(LinkedClusters.SOON.multipliedBy(2))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() -> {
                        // what is removed stays away until the JVM of the new agent runs: long enough to be seen
                        nodes.forEach(n -> assertEquals("kept", lab.exec(n, "sh", "-c", KEPT), n));
                        Set<String> ready = pods(upgraded, "app.kubernetes.io/name", "tombolo");
                        return ready.size() == before.size() && ready.stream().noneMatch(before::contains);
                    });
            for (Cluster from : clusters.both()) {
                String name = "who-" + clusters.other(from).context() + "." + NAMESPACE + ".svc.clusterset.local";
                String pod = "probe-" + (from == upgraded ? nodes : other.nodesGatewayFirst()).getLast();
                LinkedClusters.awaitAnswer(
                        "an answer in " + from,
                        () -> from.exec(NAMESPACE, pod, clusters.family().tcp(name, 80)));
            }
            assertEquals(List.of(), deletions.seen(), "deleted by an upgrade");
        }
    }

    /** Names of the imports and their slices that are deleted while this is open. */
    private static final class Deletions implements AutoCloseable {
        private final List<String> seen = new CopyOnWriteArrayList<>();
        private final List<SharedIndexInformer<?>> informers;

        Deletions(Cluster cluster) {
            ResourceEventHandler<HasMetadata> recorder = new ResourceEventHandler<>() {
                @Override
                public void onAdd(HasMetadata object) {}

                @Override
                public void onUpdate(HasMetadata old, HasMetadata object) {}

                @Override
                public void onDelete(HasMetadata object, boolean unknown) {
                    seen.add(object.getKind() + " " + object.getMetadata().getName());
                }
            };
            var slices = cluster.client().discovery().v1().endpointSlices().inNamespace(NAMESPACE);
            var imports = cluster.client()
                    .genericKubernetesResources("multicluster.x-k8s.io/v1beta1", "ServiceImport")
                    .inNamespace(NAMESPACE);
            informers = List.of(
                    slices.withLabel("multicluster.kubernetes.io/service-name").inform(recorder),
                    imports.inform(recorder));
        }

        List<String> seen() {
            return List.copyOf(seen);
        }

        @Override
        public void close() {
            informers.forEach(SharedIndexInformer::close);
        }
    }

    /** UIDs of the node agents that are ready. */
    private static Set<String> nodeAgents(Cluster cluster) {
        return pods(cluster, "app.kubernetes.io/component", "node");
    }

    /** UIDs of the pods of ours that bear a label and are ready. */
    private static Set<String> pods(Cluster cluster, String label, String value) {
        return cluster
                .client()
                .pods()
                .inNamespace(ObjectNames.NAMESPACE)
                .withLabel(label, value)
                .list()
                .getItems()
                .stream()
                .filter(Readiness::isPodReady)
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
    }

    private static int agentRestarts(Cluster cluster) {
        return cluster.pod(ObjectNames.NAMESPACE, "tombolo-gateway-0").getStatus().getContainerStatuses().stream()
                .filter(s -> s.getName().equals("agent"))
                .mapToInt(s -> s.getRestartCount())
                .findFirst()
                .orElseThrow();
    }
}
