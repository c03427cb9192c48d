package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.tombolo.cli.TomboloCommand;
import io.tombolo.kube.ObjectNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Uninstalling, last of all: the nodes are as before, and what is other people's stays. On the project's own lab. */
@ExtendWith(LinkedClusters.Extension.class)
@Order(Integer.MAX_VALUE)
final class RemovalE2E {
    private final LinkedClusters clusters;
    private final Lab lab = Lab.require();

    RemovalE2E(LinkedClusters clusters) {
        this.clusters = clusters;
    }

    @Test
    void uninstallLeavesTheNodesAsTheyWere() {
        Cluster cluster = clusters.first();
        foreignExport(cluster);
        List<String> nodes = cluster.nodesGatewayFirst();

        assertEquals(0, TomboloCommand.run(List.of("uninstall", "--context", cluster.context(), "--yes")));

        assertClean(cluster, nodes);
    }

    /** {@code kubectl delete -k deploy/} at once, with the operator dead before it can do anything. */
    @Test
    void deletingEverythingAtOnceWithADeadOperatorNeverHangs() throws Exception {
        Cluster cluster = clusters.second();
        List<String> nodes = cluster.nodesGatewayFirst();
        cluster.client()
                .apps()
                .deployments()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName("tombolo-operator")
                .scale(0);
        Process delete = new ProcessBuilder(
                        "kubectl", "--context", cluster.context(), "delete", "-k", "deploy/", "--ignore-not-found")
                .inheritIO()
                .start();
        if (!delete.waitFor(90, TimeUnit.SECONDS)) {
            delete.destroyForcibly();
            throw new AssertionError("kubectl delete -k deploy/ hangs");
        }
        Awaitility.await("the nodes of " + cluster + " as before")
                .atMost(LinkedClusters.SOON)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> nodes.forEach(n -> assertEquals("", left(n), n)));
    }

    private void assertClean(Cluster cluster, List<String> nodes) {
        for (String node : nodes) {
            assertEquals("", left(node), () -> "left on " + node);
        }
        assertEquals(
                corefileOfTheLab(cluster),
                cluster.client()
                        .configMaps()
                        .inNamespace("kube-system")
                        .withName("coredns")
                        .require()
                        .getData());
        assertNotNull(
                cluster.client()
                        .genericKubernetesResources("multicluster.x-k8s.io/v1beta1", "ServiceExport")
                        .inNamespace(NAMESPACE)
                        .withName("by-hand")
                        .get(),
                "a ServiceExport that somebody made stays");
        assertEquals(
                List.of(),
                cluster
                        .client()
                        .discovery()
                        .v1()
                        .endpointSlices()
                        .inAnyNamespace()
                        .withLabel("endpointslice.kubernetes.io/managed-by", "tombolo.io")
                        .list()
                        .getItems()
                        .stream()
                        .map(s -> s.getMetadata().getName())
                        .toList());
    }

    /** What the cluster was made with, byte for byte. */
    private static Map<String, String> corefileOfTheLab(Cluster cluster) {
        try (InputStream manifest = Files.newInputStream(Path.of("e2e/lab/coredns.yaml"))) {
            return cluster.client().load(manifest).items().stream()
                    .filter(ConfigMap.class::isInstance)
                    .map(ConfigMap.class::cast)
                    .findFirst()
                    .orElseThrow()
                    .getData();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void foreignExport(Cluster cluster) {
        GenericKubernetesResource export = new GenericKubernetesResource();
        export.setApiVersion("multicluster.x-k8s.io/v1beta1");
        export.setKind("ServiceExport");
        export.setMetadata(new ObjectMetaBuilder()
                .withNamespace(NAMESPACE)
                .withName("by-hand")
                .build());
        cluster.client().resource(export).create();
    }

    /** Everything on a node that is ours: devices, routes, rules, nexthops, tables, changed rp_filter, state. */
    private String left(String node) {
        String found = lab.exec(node, "sh", "-c", """
                ip -o link | grep -oE ' tb[a-z0-9]+:' ; ip rule | grep -E '^74[0-9]:'; ip -6 rule | grep -E '^74[0-9]:'
                ip route show table all proto 74; ip -6 route show table all proto 74; ip nexthop show proto 74
                nft list tables | grep tombolo; ls -d /run/tombolo/* /run/tombolo-node/* 2>/dev/null
                for i in eth0 cni0; do [ "$(cat /proc/sys/net/ipv4/conf/$i/rp_filter)" = 0 ] || echo "rp_filter of $i"; done
                true""");
        return Stream.of(found.split("\n"))
                .map(String::strip)
                .filter(l -> !l.isEmpty())
                .reduce("", (a, b) -> a + b + "; ");
    }
}
