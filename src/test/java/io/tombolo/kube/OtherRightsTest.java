package io.tombolo.kube;

import static io.tombolo.kube.Writes.*;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.NodeReport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What everybody but a gateway may write, asked of a real API server with real tokens (T18, T33). */
class OtherRightsTest {
    private static final RealApiServer SERVER = RealApiServer.shared();
    private static final KubernetesClient ADMIN = SERVER.admin();
    private static final KubernetesClient GATEWAY = SERVER.agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "node-a");

    @BeforeAll
    static void oneImport() {
        SERVER.namespace(NAMESPACE);
        apply(GATEWAY, imported(NAMESPACE, "ours", epoch(5)));
    }

    @AfterAll
    static void end() {
        GATEWAY.close();
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
        try (KubernetesClient node = SERVER.agent(ObjectNames.NODE, "tombolo-node-x1", "node-a")) {
            apply(node, report("node-a", "node-a"));
            assertTrue(ADMIN.resources(NodeReport.class).withName("node-a").get() != null);
            refused("own node only", () -> apply(node, report("node-b", "node-b")));
            refused("owned by its Node", () -> apply(node, report("node-a", "node-b")));
            refused("forbidden", () -> apply(node, slice("node", managed(""), epoch(1))));
        }
    }

    @Test
    void exportingNeedsTheRightToCreateServiceExports() {
        try (KubernetesClient tenant = SERVER.tenant(NAMESPACE, "tenant")) {
            grant(ADMIN, "globalservices", "tombolo.io", "globalservices");
            refused("right to create serviceexports", () -> create(tenant, global("{}")));
            create(tenant, global("{export: {policy: Never}}"));
            refused(
                    "right to create serviceexports",
                    () -> merge(tenant, global("{export: {policy: WhenServiceExists}}")));
            grant(ADMIN, "serviceexports", "multicluster.x-k8s.io", "serviceexports");
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

    @Test
    void theOperatorWiresTheClusterDnsAndNothingElse() {
        try (KubernetesClient operator = SERVER.agent(ObjectNames.OPERATOR, "tombolo-operator-x", "node-a")) {
            assertDoesNotThrow(() -> create(operator, configMap("kube-system", "coredns-custom")));
            refused(
                    "coredns and coredns-custom in kube-system only",
                    () -> create(operator, configMap("kube-system", "other")));
            refused("forbidden", () -> create(operator, configMap(NAMESPACE, "other")));
            operator.configMaps()
                    .inNamespace("kube-system")
                    .withName("coredns-custom")
                    .delete();
        }
    }

    private static String configMap(String namespace, String name) {
        return """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: %s, namespace: %s}
                """.formatted(name, namespace);
    }
}
