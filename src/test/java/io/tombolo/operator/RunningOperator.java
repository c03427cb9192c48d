package io.tombolo.operator;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.monitoring.Metrics;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One operator on the shared API server, with the rights of its own ServiceAccount, and the world it finds there. */
final class RunningOperator implements AutoCloseable {
    static final String IMAGE = "registry.test/tombolo:1";
    static final Duration PATIENCE = Duration.ofSeconds(20);
    /** What the acceptance table allows from a correction to its effect. */
    static final Duration PROMPT = Duration.ofSeconds(2);

    static final String COREFILE = """
            .:53 {
                errors
                kubernetes cluster.local in-addr.arpa ip6.arpa
                forward . /etc/resolv.conf
                reload
            }
            """;

    private final KubernetesClient admin;
    private final KubernetesClient own;
    private final OperatorProcess process;

    private RunningOperator(KubernetesClient admin, KubernetesClient own, OperatorProcess process) {
        this.admin = admin;
        this.own = own;
        this.process = process;
    }

    /** With two nodes and a Corefile, and without anything of an earlier test. */
    static RunningOperator start() {
        RealApiServer server = RealApiServer.shared();
        KubernetesClient admin = server.admin();
        // the API server answers 429 for a moment where a CRD is new
        await().atMost(PATIENCE).ignoreExceptions().until(() -> {
            clear(admin);
            return true;
        });
        node(admin, "n1", "192.168.7.1", "10.42.0.0/24");
        node(admin, "n2", "192.168.7.2", "10.42.1.0/24");
        admin.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("coredns")
                        .endMetadata()
                        .withData(Map.of("Corefile", COREFILE))
                        .build())
                .create();
        KubernetesClient own = server.agent(ObjectNames.OPERATOR, "operator-under-test", "n1");
        OperatorProcess process = new OperatorProcess(own, IMAGE, "test", Metrics.NOOP, Clock.systemUTC()).start();
        await().atMost(PATIENCE).until(process::isLeading);
        return new RunningOperator(admin, own, process);
    }

    OperatorProcess process() {
        return process;
    }

    KubernetesClient admin() {
        return admin;
    }

    @Override
    public void close() {
        process.close();
        own.close();
        clear(admin);
    }

    LocalCluster create(String clusterId) {
        return admin.resource(localCluster("{clusterId: " + clusterId + "}")).create();
    }

    LocalCluster localCluster(String spec) {
        return load(LocalCluster.class, "kind: LocalCluster\nmetadata: {name: local}\nspec: " + spec);
    }

    ClusterLink link(String name, String spec) {
        return load(ClusterLink.class, "kind: ClusterLink\nmetadata: {name: " + name + "}\nspec: " + spec);
    }

    GlobalService globalService(String namespace, String name, String spec) {
        return load(
                GlobalService.class,
                "kind: GlobalService\nmetadata: {namespace: " + namespace + ", name: " + name + "}\nspec: " + spec);
    }

    private static <T extends HasMetadata> T load(Class<T> kind, String yaml) {
        return io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                "apiVersion: tombolo.io/v1alpha1\n" + yaml, kind);
    }

    /** Waits until a condition has this reason, and gives it back. */
    Condition awaitReason(Duration limit, Supplier<@Nullable List<Condition>> conditions, String type, String reason) {
        Condition[] found = new Condition[1];
        await().atMost(limit).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            Condition now = Conditions.find(conditions.get(), type);
            org.junit.jupiter.api.Assertions.assertEquals(
                    reason, now == null ? "no condition " + type : now.getReason());
            found[0] = Objects.requireNonNull(now);
        });
        return found[0];
    }

    @Nullable
    List<Condition> conditionsOfLink(String name) {
        ClusterLink link = admin.resources(ClusterLink.class).withName(name).get();
        return link == null || link.getStatus() == null
                ? null
                : link.getStatus().conditions();
    }

    @Nullable
    List<Condition> conditionsOfLocalCluster() {
        LocalCluster cluster =
                admin.resources(LocalCluster.class).withName(LocalCluster.NAME).get();
        return cluster == null || cluster.getStatus() == null
                ? null
                : cluster.getStatus().conditions();
    }

    @Nullable
    List<Condition> conditionsOfService(String namespace, String name) {
        GlobalService service = admin.resources(GlobalService.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
        return service == null || service.getStatus() == null
                ? null
                : service.getStatus().conditions();
    }

    static void node(KubernetesClient admin, String name, String address, String... podCidrs) {
        Node node = admin.resource(new NodeBuilder()
                        .withMetadata(new ObjectMetaBuilder().withName(name).build())
                        .withNewSpec()
                        .withPodCIDRs(podCidrs)
                        .withPodCIDR(podCidrs.length == 0 ? null : podCidrs[0])
                        .endSpec()
                        .build())
                .serverSideApply();
        node.setStatus(new io.fabric8.kubernetes.api.model.NodeStatusBuilder()
                .addNewAddress(address, "InternalIP")
                .build());
        admin.resource(node).updateStatus();
    }

    /** No garbage collector runs here: what a test made and what was made of it goes by hand. */
    private static void clear(KubernetesClient admin) {
        admin.resources(GlobalService.class).inAnyNamespace().delete();
        admin.resources(io.tombolo.api.mcs.ServiceExport.class).inAnyNamespace().delete();
        admin.resources(ClusterLink.class).delete();
        admin.resources(LocalCluster.class).delete();
        admin.nodes().delete();
        admin.services()
                .inNamespace("default")
                .withLabelNotIn("component", "apiserver")
                .delete();
        admin.discovery()
                .v1()
                .endpointSlices()
                .inNamespace("default")
                .withLabel(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY)
                .delete();
        admin.configMaps().inNamespace("kube-system").withName("coredns").delete();
        String namespace = ObjectNames.namespace();
        admin.secrets().inNamespace(namespace).delete();
        admin.configMaps().inNamespace(namespace).delete();
        admin.services().inNamespace(namespace).delete();
        admin.pods().inNamespace(namespace).withGracePeriod(0).delete();
        admin.apps().statefulSets().inNamespace(namespace).delete();
        admin.apps().daemonSets().inNamespace(namespace).delete();
        admin.apps().deployments().inNamespace(namespace).delete();
        admin.leases().inNamespace(namespace).delete();
        await().atMost(PATIENCE)
                .until(() -> admin.resources(LocalCluster.class)
                                .list()
                                .getItems()
                                .isEmpty()
                        && admin.resources(ClusterLink.class).list().getItems().isEmpty());
    }
}
