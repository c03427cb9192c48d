package io.tombolo.kube;

import static io.tombolo.kube.Writes.apply;
import static io.tombolo.kube.Writes.create;
import static io.tombolo.kube.Writes.derived;
import static io.tombolo.kube.Writes.global;
import static io.tombolo.kube.Writes.imported;
import static io.tombolo.kube.Writes.link;
import static io.tombolo.kube.Writes.managed;
import static io.tombolo.kube.Writes.merge;
import static io.tombolo.kube.Writes.refused;
import static io.tombolo.kube.Writes.slice;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What somebody can do who may do everything in his own namespace, and nothing outside it (T14, T15). */
class TenantRightsTest {
    private static final String OWN = "tenancy";
    private static final String OF_KUBE =
            "{endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io, kubernetes.io/service-name: web}";

    private static final RealApiServer SERVER = RealApiServer.shared();
    private static final KubernetesClient ADMIN = SERVER.admin();
    private static final KubernetesClient TENANT = SERVER.tenant(OWN, "owner");

    @BeforeAll
    static void everyRightInOneNamespace() {
        SERVER.namespace(Writes.NAMESPACE);
        apply(ADMIN, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: owner, namespace: tenancy}
                rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
                """);
        apply(ADMIN, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: owner, namespace: tenancy}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: owner}
                subjects: [{kind: ServiceAccount, name: owner, namespace: tenancy}]
                """);
        // the authorizer learns of it from a watch
        await().ignoreExceptions().until(() -> {
            apply(TENANT, own(slice("plain", "{}", "{}")));
            return true;
        });
    }

    @AfterAll
    static void end() {
        TENANT.close();
    }

    @Test
    void t14LinksNoClusterAndIsNone() {
        refused("forbidden", () -> create(TENANT, link()));
        refused("forbidden", () -> create(TENANT, """
                apiVersion: tombolo.io/v1alpha1
                kind: LocalCluster
                metadata: {name: local}
                spec: {clusterId: west}
                """));
    }

    @Test
    void t14SharesServicesOfHisOwnNamespaceOnly() throws IOException {
        assertDoesNotThrow(() -> create(TENANT, own(global("{}"))));
        refused("forbidden", () -> create(TENANT, global("{}")));
        String spec = Files.readString(Path.of("crds/globalservices.tombolo.io.yaml"));
        assertFalse(
                spec.toLowerCase(Locale.ROOT).replace("scope: namespaced", "").contains("namespace"),
                "no field of a GlobalService names a namespace");
    }

    @Test
    void t15ForgesNoSliceThatIsExportedOrServed() {
        apply(ADMIN, own(slice("of-kube", OF_KUBE, "{}")));
        String kubes = "are Kubernetes' own";
        refused(kubes, () -> create(TENANT, own(slice("forged", OF_KUBE, "{}"))));
        refused(kubes, () -> merge(TENANT, own(slice("plain", OF_KUBE, "{}"))));
        refused(kubes, () -> merge(TENANT, own(slice("of-kube", OF_KUBE, "{}").replace("10.52.0.9", "10.52.0.66"))));
        refused("only the importer makes slices", () -> create(TENANT, own(slice("forged", managed(""), "{}"))));
        refused("written by the importer only", () -> create(TENANT, own(imported(OWN, "web", "{}"))));
        refused(
                "only the importer makes Services",
                () -> create(TENANT, own(derived("tombolo-cccccccccc", "{}", "{ports: [{port: 80}]}"))));
        assertDoesNotThrow(() -> apply(TENANT, own(slice("plain", "{kubernetes.io/service-name: web}", "{}"))));
    }

    private static String own(String yaml) {
        return yaml.replace("namespace: policies", "namespace: " + OWN);
    }
}
