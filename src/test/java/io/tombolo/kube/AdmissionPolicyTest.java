package io.tombolo.kube;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.NodeReport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the shipped policies and roles let each account write, asked of a real API server with real tokens (T18, T33, T34). */
class AdmissionPolicyTest {
    private static final RealApiServer SERVER = RealApiServer.shared();
    private static final KubernetesClient ADMIN = SERVER.admin();
    private static final KubernetesClient GATEWAY = SERVER.agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "node-a");
    private static final KubernetesClient NODE = SERVER.agent(ObjectNames.NODE, "tombolo-node-x1", "node-a");
    private static final String NAMESPACE = "policies";

    /** A write and the words of its refusal. */
    private record Forbidden(String name, String words, Consumer<KubernetesClient> write) {
        @Override
        public String toString() {
            return name;
        }
    }

    @BeforeAll
    static void objectsOfOthersAndOfOurs() {
        SERVER.namespace(NAMESPACE);
        apply(ADMIN, link());
        patchStatus(ADMIN, path(1));
        apply(ADMIN, slice("foreign", "{kubernetes.io/service-name: foreign}", "{}"));
        apply(ADMIN, service("foreign", "{}", "{}", "{selector: {app: foreign}, ports: [{port: 80}]}"));
        apply(GATEWAY, slice("ours", managed(""), epoch(5)));
        apply(GATEWAY, imported(NAMESPACE, "ours", epoch(5)));
        apply(GATEWAY, derived("tombolo-0123456789", epoch(5), "{ports: [{port: 80}]}"));
    }

    @AfterAll
    static void end() {
        GATEWAY.close();
        NODE.close();
    }

    @ParameterizedTest
    @MethodSource
    void aGatewayMayNot(Forbidden forbidden) {
        refused(forbidden.words(), () -> forbidden.write().accept(GATEWAY));
    }

    static Stream<Forbidden> aGatewayMayNot() {
        return Stream.of(paths(), slices(), imports(), services(), rest()).flatMap(s -> s);
    }

    private static Stream<Forbidden> paths() {
        return Stream.of(
                new Forbidden("report another slot's paths", "own slot only", c -> patchStatus(c, path(2))),
                new Forbidden("remove another slot's paths", "own slot only", c -> patchStatus(c, "{paths: []}")),
                new Forbidden("judge the link", "written by the operator", c -> patchStatus(c, """
                        {conditions: [{type: Ready, status: "True", reason: Ready, message: fine, lastTransitionTime: "2026-01-01T00:00:00Z"}]}""")),
                new Forbidden(
                        "sum the link up", "written by the operator", c -> patchStatus(c, "{summary: {paths: 9/9}}")));
    }

    private static Stream<Forbidden> slices() {
        String own = "the importer writes only slices it manages";
        return Stream.of(
                new Forbidden(
                        "make a slice that is not labelled ours", own, c -> create(c, slice("plain", "{}", epoch(1)))),
                new Forbidden("write a slice of others", own, c -> apply(c, slice("foreign", "{x: y}", epoch(1)))),
                new Forbidden("adopt a slice of others", own, c -> apply(c, slice("foreign", managed(""), epoch(1)))),
                new Forbidden(
                        "let go of a slice",
                        own,
                        c -> merge(c, slice("ours", "{endpointslice.kubernetes.io/managed-by: other}", epoch(5)))),
                new Forbidden("delete a slice of others", own, c -> c.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace(NAMESPACE)
                        .withName("foreign")
                        .delete()),
                new Forbidden(
                        "add endpoints to a Service of others",
                        "never to another",
                        c -> create(c, slice("steal", managed("kubernetes.io/service-name: foreign"), epoch(5)))),
                new Forbidden(
                        "write slices of the cluster itself",
                        "namespaces of the cluster itself",
                        c -> create(c, slice("x", managed(""), epoch(5)).replace(NAMESPACE, "kube-system"))),
                new Forbidden(
                        "write a slice without epoch",
                        "writer-epoch",
                        c -> create(c, slice("none", managed(""), "{}"))),
                new Forbidden(
                        "write a slice with an epoch that is no number",
                        "writer-epoch",
                        c -> create(c, slice("none", managed(""), "{tombolo.io/writer-epoch: later}"))),
                new Forbidden(
                        "overwrite a newer importer's slice",
                        "newer importer",
                        c -> apply(c, slice("ours", managed(""), epoch(4)))));
    }

    private static Stream<Forbidden> imports() {
        return Stream.of(
                new Forbidden(
                        "write an import without epoch",
                        "writer-epoch",
                        c -> create(c, imported(NAMESPACE, "none", "{}"))),
                new Forbidden(
                        "overwrite a newer importer's import",
                        "newer importer",
                        c -> apply(c, imported(NAMESPACE, "ours", epoch(4)))),
                new Forbidden(
                        "import into the cluster's own namespaces",
                        "namespaces of the cluster itself",
                        c -> create(c, imported("kube-system", "dns", epoch(5)))));
    }

    private static Stream<Forbidden> services() {
        String own = "only Services it derived";
        String plain = "without selector and externalIPs";
        return Stream.of(
                new Forbidden(
                        "make a Service that is not derived",
                        own,
                        c -> create(c, service("tombolo-00000000aa", "{}", epoch(5), "{ports: [{port: 80}]}"))),
                new Forbidden(
                        "make a derived Service of another name",
                        own,
                        c -> create(c, derived("web", epoch(5), "{ports: [{port: 80}]}"))),
                new Forbidden(
                        "write a Service of others",
                        own,
                        c -> apply(
                                c,
                                service(
                                        "foreign",
                                        "{tombolo.io/derived: \"true\"}",
                                        epoch(5),
                                        "{ports: [{port: 81}]}"))),
                new Forbidden("delete a Service of others", own, c -> c.services()
                        .inNamespace(NAMESPACE)
                        .withName("foreign")
                        .delete()),
                new Forbidden(
                        "derive a Service with a selector",
                        plain,
                        c -> create(
                                c, derived("tombolo-00000000ab", epoch(5), "{selector: {a: b}, ports: [{port: 80}]}"))),
                new Forbidden(
                        "derive a Service with external addresses",
                        plain,
                        c -> create(
                                c,
                                derived(
                                        "tombolo-00000000ab",
                                        epoch(5),
                                        "{externalIPs: [203.0.113.9], ports: [{port: 80}]}"))),
                new Forbidden(
                        "derive a NodePort",
                        plain,
                        c -> create(
                                c, derived("tombolo-00000000ab", epoch(5), "{type: NodePort, ports: [{port: 80}]}"))),
                new Forbidden(
                        "derive an ExternalName",
                        plain,
                        c -> create(
                                c,
                                derived(
                                        "tombolo-00000000ab",
                                        epoch(5),
                                        "{type: ExternalName, externalName: example.org}"))),
                new Forbidden(
                        "overwrite a newer importer's Service",
                        "newer importer",
                        c -> apply(c, derived("tombolo-0123456789", epoch(4), "{ports: [{port: 80}]}"))));
    }

    private static Stream<Forbidden> rest() {
        return Stream.of(
                new Forbidden("change a link's spec", "forbidden", c -> apply(c, link())),
                new Forbidden("export a service", "forbidden", c -> create(c, """
                        apiVersion: multicluster.x-k8s.io/v1beta1
                        kind: ServiceExport
                        metadata: {name: web, namespace: policies}
                        """)),
                new Forbidden("read the identity", "forbidden", c -> c.secrets()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName(ObjectNames.IDENTITY_SECRET)
                        .get()),
                new Forbidden("read all Secrets", "forbidden", c -> c.secrets()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .list()));
    }

    @Test
    void aGatewayWritesItsPathsAndWhatThePeerAnnounced() {
        patchStatus(GATEWAY, path(0).replace("[", "[{localSlot: 1, peerSlot: 0, state: Up}, "));
        patchStatus(
                GATEWAY, "{peer: {sequence: 7, acknowledged: 3, signedAnnouncement: {bytes: AAAA, signature: AAAA}}}");
        ClusterLink link =
                ADMIN.resources(ClusterLink.class).withName("policies").get();
        assertTrue(link.getStatus().paths() != null && link.getStatus().paths().size() == 2, link::toString);
    }

    @Test
    void aGatewayWhoseTokenIsBoundToNoPodOfItsReportsNothing() {
        try (KubernetesClient stray = SERVER.agent(ObjectNames.GATEWAY, "debug", "node-a")) {
            refused("bound to its pod", () -> patchStatus(stray, path(0)));
        }
    }

    @Test
    void theImporterWritesAndDeletesWhatIsItsOwn() {
        assertDoesNotThrow(() -> {
            apply(GATEWAY, slice("more", managed("kubernetes.io/service-name: tombolo-0123456789"), epoch(5)));
            apply(GATEWAY, slice("more", managed("kubernetes.io/service-name: tombolo-0123456789"), epoch(6)));
            apply(GATEWAY, imported(NAMESPACE, "more", epoch(6)));
            apply(GATEWAY, derived("tombolo-aaaaaaaaaa", epoch(6), "{clusterIP: None, ports: [{port: 80}]}"));
        });
        assertTrue(!GATEWAY.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withName("more")
                .delete()
                .isEmpty());
        assertTrue(!GATEWAY.services()
                .inNamespace(NAMESPACE)
                .withName("tombolo-aaaaaaaaaa")
                .delete()
                .isEmpty());
        assertTrue(!GATEWAY.resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .withName("more")
                .delete()
                .isEmpty());
    }

    @Test
    void nobodyElseMakesWhatLooksImported() {
        refused("only the importer makes slices", () -> create(ADMIN, slice("forged", managed(""), "{}")));
        refused(
                "only the importer makes Services",
                () -> create(ADMIN, derived("tombolo-bbbbbbbbbb", "{}", "{ports: [{port: 80}]}")));
        refused("written by the importer only", () -> create(ADMIN, imported(NAMESPACE, "forged", "{}")));
        refused(
                "written by the importer only",
                () -> merge(ADMIN, imported(NAMESPACE, "ours", epoch(5)).replace("port: 80", "port: 81")));
        refused("written by the importer only", () -> merge(ADMIN, imported(NAMESPACE, "ours", epoch(99))));
    }

    @Test
    void theGarbageCollectorAndAdminsRemoveImports() {
        apply(GATEWAY, imported(NAMESPACE, "going", epoch(5)));
        assertDoesNotThrow(() -> {
            merge(
                    ADMIN,
                    imported(NAMESPACE, "going", epoch(5))
                            .replace("name: going", "name: going, finalizers: [example.org/wait]"));
            merge(ADMIN, imported(NAMESPACE, "going", epoch(5)).replace("name: going", "name: going, finalizers: []"));
        });
        assertTrue(!ADMIN.resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .withName("going")
                .delete()
                .isEmpty());
    }

    @Test
    void othersKeepWritingTheirOwnSlicesAndServices() {
        assertDoesNotThrow(() -> {
            apply(ADMIN, slice("foreign", "{kubernetes.io/service-name: foreign, more: \"1\"}", "{}"));
            apply(ADMIN, service("foreign", "{more: \"1\"}", "{}", "{selector: {app: foreign}, ports: [{port: 80}]}"));
        });
    }

    @Test
    void anAgentReportsItsOwnNodeOnly() {
        apply(NODE, report("node-a", "node-a"));
        assertTrue(ADMIN.resources(NodeReport.class).withName("node-a").get() != null);
        refused("own node only", () -> apply(NODE, report("node-b", "node-b")));
        refused("owned by its Node", () -> apply(NODE, report("node-a", "node-b")));
        refused("forbidden", () -> apply(NODE, slice("node", managed(""), epoch(1))));
    }

    @Test
    void exportingNeedsTheRightToCreateServiceExports() {
        try (KubernetesClient tenant = SERVER.tenant(NAMESPACE, "tenant")) {
            grant("globalservices", "tombolo.io", "globalservices");
            refused("right to create serviceexports", () -> create(tenant, global("{}")));
            create(tenant, global("{export: {policy: Never}}"));
            refused(
                    "right to create serviceexports",
                    () -> merge(tenant, global("{export: {policy: WhenServiceExists}}")));
            grant("serviceexports", "multicluster.x-k8s.io", "serviceexports");
            assertDoesNotThrow(() -> merge(tenant, global("{export: {policy: WhenServiceExists}}")));
        }
    }

    @Test
    void servicesOfTheClusterItselfAreNotShared() {
        for (String namespace : new String[] {"kube-system", "kube-public", "kube-node-lease", "tombolo-system"}) {
            refused(
                    "NamespaceForbidden: " + namespace + "/web",
                    () -> create(ADMIN, global("{}").replace(NAMESPACE, namespace)));
        }
        refused(
                "NamespaceForbidden: default/kubernetes",
                () -> create(ADMIN, global("{}").replace(NAMESPACE, "default").replace("web", "kubernetes")));
    }

    private static void refused(String words, Runnable write) {
        String said = String.valueOf(
                assertThrows(KubernetesClientException.class, write::run, words).getMessage());
        assertTrue(said.contains(words), said);
    }

    private static void apply(KubernetesClient client, String yaml) {
        new Applier(client, "policy-test").apply(read(yaml));
    }

    private static void create(KubernetesClient client, String yaml) {
        client.resource(read(yaml)).create();
    }

    private static void merge(KubernetesClient client, String yaml) {
        HasMetadata object = read(yaml);
        client.resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), object);
    }

    private static void patchStatus(KubernetesClient client, String status) {
        client.resources(ClusterLink.class)
                .withName("policies")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": " + json(status) + "}");
    }

    private static String json(String yaml) {
        return io.fabric8.kubernetes.client.utils.Serialization.asJson(
                io.fabric8.kubernetes.client.utils.Serialization.unmarshal("v: " + yaml, java.util.Map.class)
                        .get("v"));
    }

    private static HasMetadata read(String yaml) {
        return ADMIN.resource(yaml).item();
    }

    private static void grant(String name, String group, String resource) {
        apply(ADMIN, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: %s, namespace: policies}
                rules: [{apiGroups: [%s], resources: [%s], verbs: [get, create, patch]}]
                """.formatted(name, group, resource));
        apply(ADMIN, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: %1$s, namespace: policies}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %1$s}
                subjects: [{kind: ServiceAccount, name: tenant, namespace: policies}]
                """.formatted(name));
    }

    private static String epoch(int epoch) {
        return "{tombolo.io/writer-epoch: \"" + epoch + "\"}";
    }

    private static String managed(String more) {
        return "{endpointslice.kubernetes.io/managed-by: tombolo.io" + (more.isEmpty() ? "" : ", ") + more + "}";
    }

    private static String path(int slot) {
        return "{paths: [{localSlot: " + slot + ", peerSlot: 0, state: Up}]}";
    }

    private static String link() {
        return """
                apiVersion: tombolo.io/v1alpha1
                kind: ClusterLink
                metadata: {name: policies}
                spec:
                  identities: ["ed25519:fob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0="]
                  gateways: [{slot: 0, publicKey: G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=}]
                """;
    }

    private static String slice(String name, String labels, String annotations) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %s, namespace: policies, labels: %s, annotations: %s}
                addressType: IPv4
                endpoints: [{addresses: [10.52.0.9]}]
                ports: [{port: 80}]
                """.formatted(name, labels, annotations);
    }

    private static String imported(String namespace, String name, String annotations) {
        return """
                apiVersion: multicluster.x-k8s.io/v1beta1
                kind: ServiceImport
                metadata: {name: %s, namespace: %s, annotations: %s}
                spec: {type: Headless, ports: [{port: 80}]}
                """.formatted(name, namespace, annotations);
    }

    private static String derived(String name, String annotations, String spec) {
        return service(name, "{tombolo.io/derived: \"true\"}", annotations, spec);
    }

    private static String service(String name, String labels, String annotations, String spec) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: policies, labels: %s, annotations: %s}
                spec: %s
                """.formatted(name, labels, annotations, spec);
    }

    private static String report(String name, String owner) {
        return """
                apiVersion: tombolo.io/v1alpha1
                kind: NodeReport
                metadata:
                  name: %s
                  ownerReferences: [{apiVersion: v1, kind: Node, name: %s, uid: 5f0b6c8e-0000-4000-8000-000000000000}]
                """.formatted(name, owner);
    }

    private static String global(String spec) {
        return """
                apiVersion: tombolo.io/v1alpha1
                kind: GlobalService
                metadata: {name: web, namespace: policies}
                spec: %s
                """.formatted(spec);
    }
}
