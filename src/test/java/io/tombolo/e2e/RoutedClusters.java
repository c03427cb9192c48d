package io.tombolo.e2e;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Three linked clusters of the project's own lab, set up once per run for whoever has a parameter of this type: pods that
 * say their names to who connects, five in west, two in east, three in north, and a client in west. A pod is ready when
 * the test says so: nothing probes it, so all the machine's time is the traffic's.
 */
final class RoutedClusters implements AutoCloseable {
    static final String NAMESPACE = "routing";

    static final String HTTP = "{name: http, port: 80, targetPort: 8080}";
    static final String ADMIN = "{name: admin, port: 81, targetPort: 8080}";

    private static final Path PROGRAMS = Path.of("target").toAbsolutePath();
    private static final Path PROGRAM = PROGRAMS.resolve("connections");
    private static final Map<String, Integer> PODS = Map.of("west", 5, "east", 2, "north", 3);

    private final Map<String, Cluster> clusters = new LinkedHashMap<>();
    private final Lab lab = Lab.require();
    private final Map<String, String> podsByAddress = new HashMap<>();

    private RoutedClusters() {
        String contexts = System.getenv("TOMBOLO_E2E_CONTEXTS");
        if (contexts == null || !List.of(contexts.split(",", -1)).containsAll(PODS.keySet())) {
            throw new AssertionError("TOMBOLO_E2E_CONTEXTS must be west,east,north. `e2e/routing` sets it.");
        }
        if (!Files.isExecutable(PROGRAM)) {
            throw new AssertionError(PROGRAM + " is not there. `e2e/routing` builds it.");
        }
        for (String context : contexts.split(",", -1)) {
            clusters.put(context, new Cluster(context));
        }
    }

    List<Cluster> all() {
        return List.copyOf(clusters.values());
    }

    Cluster west() {
        return named("west");
    }

    Cluster east() {
        return named("east");
    }

    Cluster north() {
        return named("north");
    }

    private Cluster named(String name) {
        Cluster found = clusters.get(name);
        if (found == null) {
            throw new AssertionError("no cluster " + name);
        }
        return found;
    }

    /** @return the pod's name */
    static String pod(Cluster cluster, int number) {
        return cluster + "-" + number;
    }

    /** A Service with all pods behind it, for who sets its routing. */
    RoutedService web() {
        return everywhere("web", ports(HTTP), ports(HTTP));
    }

    static String ports(String each) {
        return "ports: [" + each + "]";
    }

    private void prepare() {
        for (Cluster cluster : all()) {
            namespace(cluster, NAMESPACE);
            for (int i = 0; i < pods(cluster); i++) {
                server(cluster, NAMESPACE, pod(cluster, i));
            }
        }
        west().apply("routed-client.yaml", Map.of("namespace", NAMESPACE, "programs", PROGRAMS.toString()));
        for (Cluster cluster : all()) {
            ready(cluster, pods(cluster));
            for (Pod pod : cluster.client().pods().inNamespace(NAMESPACE).list().getItems()) {
                podsByAddress.put(pod.getStatus().getPodIP(), pod.getMetadata().getName());
            }
        }
        LinkedClusters.await("the client", () -> Readiness.isPodReady(west().pod(NAMESPACE, "client")));
    }

    /**
     * A Service in each cluster, exported from each; routed as a GlobalService in west says.
     *
     * @param spec besides the selector, such as {@code ports: [{name: http, port: 80, targetPort: 8080}]}
     * @param inNorth the same, for north
     */
    RoutedService everywhere(String name, String spec, String inNorth) {
        for (Cluster cluster : all()) {
            service(cluster, NAMESPACE, name, cluster == north() ? inNorth : spec);
            if (cluster != west()) {
                export(cluster, NAMESPACE, name);
            }
        }
        route(west(), name, "{}");
        return new RoutedService(this, name);
    }

    static void namespace(Cluster cluster, String name) {
        cluster.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .fieldManager("tombolo-e2e")
                .serverSideApply();
    }

    static void server(Cluster cluster, String namespace, String name) {
        cluster.apply("routed-pod.yaml", Map.of("namespace", namespace, "name", name, "programs", PROGRAMS.toString()));
    }

    private static int pods(Cluster cluster) {
        return PODS.getOrDefault(cluster.context(), 0);
    }

    /** Makes the first {@code count} pods of the cluster ready and the others not, and waits until they are. */
    static void ready(Cluster cluster, int count) {
        IntStream.range(0, pods(cluster)).forEach(i -> gate(cluster, NAMESPACE, pod(cluster, i), i < count));
        LinkedClusters.await(count + " ready pods in " + cluster, () -> IntStream.range(0, pods(cluster))
                .allMatch(i -> Readiness.isPodReady(cluster.pod(NAMESPACE, pod(cluster, i))) == i < count));
    }

    /** Lets the pod be ready, or not; waits for nothing. */
    static void gate(Cluster cluster, String namespace, String pod, boolean open) {
        cluster.client()
                .pods()
                .inNamespace(namespace)
                .withName(pod)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        "{\"status\": {\"conditions\": [{\"type\": \"tombolo.io/e2e\", \"status\": \"%s\"}]}}"
                                .formatted(open ? "True" : "False"));
    }

    /** @param spec besides the selector, such as {@code ports: [{name: http, port: 80, targetPort: 8080}]} */
    static void service(Cluster cluster, String namespace, String name, String spec) {
        cluster.apply("routed-service.yaml", Map.of("namespace", namespace, "name", name, "spec", spec));
    }

    static void export(Cluster cluster, String namespace, String name) {
        cluster.apply("routed-export.yaml", Map.of("namespace", namespace, "name", name));
    }

    /** @param spec of the GlobalService, in braces */
    static void route(Cluster cluster, String name, String spec) {
        cluster.apply("routed-global.yaml", Map.of("namespace", NAMESPACE, "name", name, "spec", spec));
    }

    /** Runs a command in the client, for 60 s at most. */
    String ask(String... command) {
        return west().exec(NAMESPACE, "client", 60, command);
    }

    /** Starts a command in the client; what it prints is read while it runs, and it ends by itself. */
    ExecWatch start(String... command) {
        return west().client()
                .pods()
                .inNamespace(NAMESPACE)
                .withName("client")
                .redirectingOutput()
                .exec(command);
    }

    /**
     * Lets the WAN lose all that north's machine says, and all that is said to it.
     *
     * @return when, in seconds since boot
     */
    double cutNorth() {
        String address = north().client().nodes().list().getItems().getFirst().getStatus().getAddresses().stream()
                .filter(a -> a.getType().equals("InternalIP"))
                .findFirst()
                .orElseThrow()
                .getAddress();
        return Double.parseDouble(lab.exec("wan", "sh", "-c", """
                nft 'table inet e2e_cut { chain forward { type filter hook forward priority -300;
                  ip saddr %1$s drop; ip daddr %1$s drop; }; }' && cut -d ' ' -f 1 /proc/uptime""".formatted(address)));
    }

    void heal() {
        lab.exec("wan", "nft", "delete", "table", "inet", "e2e_cut");
    }

    /** The name of the pod with this address, in whichever cluster. */
    String podAt(String address) {
        String pod = podsByAddress.get(address);
        if (pod == null) {
            throw new AssertionError("no pod has " + address);
        }
        return pod;
    }

    @Override
    public void close() {
        all().forEach(Cluster::close);
    }

    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == RoutedClusters.class;
        }

        @Override
        public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(ExtensionContext.Namespace.create(RoutedClusters.class))
                    .getOrComputeIfAbsent(RoutedClusters.class, key -> {
                        RoutedClusters clusters = new RoutedClusters();
                        clusters.prepare();
                        return clusters;
                    });
        }
    }
}
