package io.tombolo.e2e;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The two clusters of TOMBOLO_E2E_CONTEXTS with the tests' workload in them, set up once per run and given to whoever has
 * a parameter of this type. Each cluster has on every node a pod {@code probe-<node>} (answers "<name> saw <address>" over
 * TCP 8080 and UDP 7007) and a host-network pod {@code host-<node>}; Service {@code who-<context>} in front of its probes
 * and headless {@code set-<context>} before a StatefulSet, both exported and existing in that cluster only.
 */
final class LinkedClusters implements AutoCloseable {
    static final String NAMESPACE = "tombolo-e2e";
    static final Duration SOON = Duration.ofSeconds(60);

    private final Cluster first;
    private final Cluster second;

    private LinkedClusters(String first, String second) {
        this.first = new Cluster(first);
        this.second = new Cluster(second);
    }

    static LinkedClusters fromEnvironment() {
        String contexts = System.getenv("TOMBOLO_E2E_CONTEXTS");
        String[] names = contexts == null ? new String[0] : contexts.split(",", -1);
        if (names.length != 2) {
            throw new AssertionError(
                    "TOMBOLO_E2E_CONTEXTS must name two kubeconfig contexts: a,b. `e2e/test` sets it.");
        }
        return new LinkedClusters(names[0], names[1]);
    }

    List<Cluster> both() {
        return List.of(first, second);
    }

    /** Of both clusters. */
    List<String> nodes() {
        return both().stream()
                .flatMap(cluster -> cluster.nodesGatewayFirst().stream())
                .toList();
    }

    Cluster first() {
        return first;
    }

    Cluster second() {
        return second;
    }

    Cluster other(Cluster cluster) {
        return cluster == first ? second : first;
    }

    /** Applies the workload and waits until its pods are ready in both and the names of each answer in the other. */
    void prepare() {
        for (Cluster cluster : both()) {
            cluster.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(NAMESPACE)
                            .endMetadata()
                            .build())
                    .fieldManager("tombolo-e2e")
                    .serverSideApply();
            for (String node : cluster.nodesGatewayFirst()) {
                cluster.apply("probe.yaml", Map.of("node", node));
            }
            cluster.apply("services.yaml", Map.of("cluster", cluster.context()));
        }
        for (Cluster cluster : both()) {
            await("the workload's pods in " + cluster, () -> {
                List<Pod> pods =
                        cluster.client().pods().inNamespace(NAMESPACE).list().getItems();
                return pods.size() >= 2 * cluster.nodesGatewayFirst().size() + 2
                        && pods.stream().allMatch(Readiness::isPodReady);
            });
        }
        for (Cluster cluster : both()) {
            cluster.nodesGatewayFirst().forEach(node -> Flow.install(cluster, "probe-" + node));
        }
        for (Cluster cluster : both()) {
            String pod = "probe-" + cluster.nodesGatewayFirst().getFirst();
            String other = other(cluster).context();
            String who = "who-" + other + "." + NAMESPACE + ".svc.clusterset.local";
            awaitAnswer(
                    "the name " + who + " in " + cluster, () -> cluster.exec(NAMESPACE, pod, family().tcp(who, 80)));
            // each service comes by itself: that one has come says nothing of the other
            String set = "set-%s-1.%s.set-%s.%s.svc.clusterset.local".formatted(other, other, other, NAMESPACE);
            awaitAnswer(
                    "the name " + set + " in " + cluster, () -> cluster.exec(NAMESPACE, pod, family().tcp(set, 8080)));
        }
    }

    static void await(String what, Supplier<Boolean> fact) {
        Awaitility.await(what).atMost(SOON).pollInterval(Duration.ofMillis(100)).until(fact::get);
    }

    static void awaitAnswer(String what, Supplier<String> ask) {
        Awaitility.await(what).atMost(SOON).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            if (ask.get().isEmpty()) {
                throw new AssertionError("empty answer");
            }
        });
    }

    @Override
    public void close() {
        both().forEach(Cluster::close);
    }

    /** In which names lead from one cluster to the other, whatever else they have. */
    Family family() {
        return families().getFirst();
    }

    /** Those in which pods of both clusters have addresses. */
    List<Family> families() {
        List<List<Family>> each = both().stream()
                .map(cluster -> cluster
                        .podIps(
                                NAMESPACE,
                                "probe-" + cluster.nodesGatewayFirst().getFirst())
                        .stream()
                        .map(Family::of)
                        .toList())
                .toList();
        return each.getFirst().stream().filter(each.getLast()::contains).toList();
    }

    /** Gives the clusters to test methods and constructors; one set-up per run. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == LinkedClusters.class;
        }

        @Override
        public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(LinkedClusters.class))
                    .getOrComputeIfAbsent(LinkedClusters.class, key -> {
                        LinkedClusters clusters = fromEnvironment();
                        clusters.prepare();
                        return clusters;
                    });
        }
    }
}
