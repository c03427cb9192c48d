package io.tombolo.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.Conditions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.awaitility.core.ThrowingRunnable;

/**
 * What an assertion of the Multi-Cluster Services API's conformance is made with: Service {@code hello} in a namespace of
 * its own in both clusters. Its pods answer "pod ip <theirs>" on TCP and UDP 42; requests come from the tests' common pods.
 */
final class Hello implements AutoCloseable {
    static final String NAME = "hello";
    static final int PORT = 42;
    static final Map<String, String> OWN_LABELS = Map.of("only-here", "true");

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration STILL = Duration.ofSeconds(5);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long EXEC_SECONDS = 4;

    private final LinkedClusters clusters;
    private final Map<Cluster, String> clients = new HashMap<>();
    private final String namespace =
            "conformance-" + UUID.randomUUID().toString().substring(0, 8);

    Hello(LinkedClusters clusters) {
        this.clusters = clusters;
        for (Cluster cluster : clusters.both()) {
            clients.put(cluster, "probe-" + cluster.nodesGatewayFirst().getLast());
            cluster.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    /** Its name in the clusterset, without a dot at the end. */
    String name() {
        return NAME + "." + namespace + ".svc.clusterset.local";
    }

    /** Its name in its own cluster. */
    String localName() {
        return NAME + "." + namespace + ".svc.cluster.local";
    }

    ServiceBuilder service(ServicePort... ports) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(NAME)
                .withLabels(OWN_LABELS)
                .withAnnotations(OWN_LABELS)
                .endMetadata()
                .withNewSpec()
                .withSelector(HelloPod.LABELS)
                .withPorts(ports)
                .withIpFamilyPolicy("PreferDualStack")
                .endSpec();
    }

    /** Ports tcp and udp, both 42. */
    ServiceBuilder service() {
        return service(port("tcp", "TCP", PORT), port("udp", "UDP", PORT));
    }

    ServiceBuilder headless() {
        return service().editSpec().withClusterIP("None").endSpec();
    }

    /** A port that leads to the pods' 42. */
    static ServicePort port(String name, String protocol, int port) {
        return new ServicePortBuilder()
                .withName(name)
                .withProtocol(protocol)
                .withPort(port)
                .withTargetPort(new IntOrString(PORT))
                .build();
    }

    /** @return it as the API server completed it */
    Service deploy(Cluster cluster, ServiceBuilder service) {
        return cluster.client().resource(service.build()).create();
    }

    /** Starts the pods behind the Service; waits for nothing. */
    void startPods(Cluster cluster, int replicas) {
        cluster.client().resource(HelloPod.deployment(namespace, replicas)).create();
    }

    /** Starts pods with host names behind the Service; waits for nothing. */
    void startStatefulPods(Cluster cluster, int replicas) {
        cluster.client().resource(HelloPod.statefulSet(namespace, replicas)).create();
    }

    void export(Cluster cluster) {
        export(cluster, Map.of());
    }

    /** @param exported labels, and annotations, that the imports shall carry */
    void export(Cluster cluster, Map<String, String> exported) {
        ServiceExport export = new ServiceExport();
        export.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(NAME)
                .withLabels(OWN_LABELS)
                .withAnnotations(OWN_LABELS)
                .build());
        export.setSpec(new ServiceExport.Spec(exported, exported));
        cluster.client().resource(export).create();
    }

    void unexport(Cluster cluster) {
        assertFalse(exported(cluster).delete().isEmpty(), () -> "there was no export in " + cluster);
    }

    /** Waits until the export is imported, and an export made from now on is younger: creation times count seconds. */
    void awaitOldest(Cluster exporter) {
        awaitImport(exporter, i -> {});
        Instant created =
                Instant.parse(exported(exporter).require().getMetadata().getCreationTimestamp());
        soon("a second later").until(() -> Instant.now().isAfter(created.plusSeconds(1)));
    }

    /** @param reasons of the condition; several are joined by commas */
    void awaitCondition(Cluster cluster, String type, String status, String... reasons) {
        soon(type + "=" + status + " of the export in " + cluster).untilAsserted(() -> {
            ServiceExport.Status found = exported(cluster).require().getStatus();
            Condition condition = found == null ? null : Conditions.find(found.conditions(), type);
            if (condition == null) {
                throw new AssertionError("no condition " + type);
            }
            assertEquals(status, condition.getStatus());
            assertEquals(Set.of(reasons), Set.of(condition.getReason().split(",", -1)));
        });
    }

    /** Waits until the Service is imported in a way that {@code asserts} accepts. */
    ServiceImport awaitImport(Cluster cluster, Consumer<ServiceImport> asserts) {
        soon("the import in " + cluster)
                .untilAsserted(() -> asserts.accept(
                        imported(cluster).orElseThrow(() -> new AssertionError("no import in " + cluster))));
        return imported(cluster).orElseThrow();
    }

    /** The same in both clusters. */
    void awaitImports(Consumer<ServiceImport> asserts) {
        clusters.both().forEach(c -> awaitImport(c, asserts));
    }

    void awaitNoImports() {
        for (Cluster cluster : clusters.both()) {
            soon("no import in " + cluster).until(() -> imported(cluster).isEmpty());
        }
    }

    Optional<ServiceImport> imported(Cluster cluster) {
        return Optional.ofNullable(cluster.client()
                .resources(ServiceImport.class)
                .inNamespace(namespace)
                .withName(NAME)
                .get());
    }

    /** Slices that KEP-1645 asks for, with at least one endpoint. */
    List<EndpointSlice> mcsSlices(Cluster cluster) {
        return cluster.client().discovery().v1().endpointSlices().inNamespace(namespace).list().getItems().stream()
                .filter(s -> s.getMetadata()
                        .getLabels()
                        .keySet()
                        .containsAll(Set.of(
                                "multicluster.kubernetes.io/service-name",
                                "multicluster.kubernetes.io/source-cluster")))
                .filter(s -> s.getEndpoints() != null && !s.getEndpoints().isEmpty())
                .toList();
    }

    /** Slices of the Service itself, in its own cluster. */
    List<EndpointSlice> ownSlices(Cluster cluster) {
        return cluster.client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(namespace)
                .withLabel("kubernetes.io/service-name", NAME)
                .list()
                .getItems();
    }

    Resource<EndpointSlice> slice(Cluster cluster, String name) {
        return cluster.client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(namespace)
                .withName(name);
    }

    /** Waits for the pod of a cluster that has one. */
    String awaitPodIp(Cluster cluster) {
        LinkedClusters.await(
                "the pod in " + cluster,
                () -> pods(cluster).size() == 1
                        && Readiness.isPodReady(pods(cluster).getFirst()));
        return pods(cluster).getFirst().getStatus().getPodIP();
    }

    private List<Pod> pods(Cluster cluster) {
        return cluster.client()
                .pods()
                .inNamespace(namespace)
                .withLabels(HelloPod.LABELS)
                .list()
                .getItems();
    }

    /** Runs a command in a pod of the cluster, for 4 s at most. */
    String ask(Cluster from, String... command) {
        return from.exec(LinkedClusters.NAMESPACE, client(from), EXEC_SECONDS, command);
    }

    /** Runs a line of shell so many times, each for 4 s at most. */
    String repeat(Cluster from, int times, String line) {
        String script = "for i in $(seq %d); do %s; done 2>&1".formatted(times, line);
        return from.exec(LinkedClusters.NAMESPACE, client(from), times * EXEC_SECONDS, "sh", "-c", script);
    }

    private String client(Cluster cluster) {
        return Objects.requireNonNull(clients.get(cluster));
    }

    /** What the cluster's own DNS answers, sorted; names without a dot at the end are not searched. */
    List<String> resolve(Cluster from, String name, String type) {
        String answer = ask(from, "dig", "+short", "+time=2", "+retry=0", name, type);
        return Arrays.stream(answer.split("\n", -1))
                .filter(l -> !l.isEmpty())
                .sorted()
                .toList();
    }

    static ConditionFactory soon(String what) {
        return Awaitility.await(what).atMost(SOON).pollDelay(Duration.ZERO).pollInterval(POLL);
    }

    /** Holds now and at every poll of the next 5 s. */
    static void stays(String what, ThrowingRunnable asserts) {
        Awaitility.await(what)
                .during(STILL)
                .atMost(STILL.plus(SOON)) // a busy machine polls late
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL)
                .failFast(what, asserts)
                .until(() -> true);
    }

    @Override
    public void close() {
        for (Cluster cluster : clusters.both()) {
            cluster.client().namespaces().withName(namespace).delete();
        }
    }

    private Resource<ServiceExport> exported(Cluster cluster) {
        return cluster.client()
                .resources(ServiceExport.class)
                .inNamespace(namespace)
                .withName(NAME);
    }
}
