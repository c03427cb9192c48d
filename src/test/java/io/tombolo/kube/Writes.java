package io.tombolo.kube;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.v1alpha1.ClusterLink;
import java.util.Map;

/** Writes of small manifests in namespace {@code policies}, and their refusals. */
final class Writes {
    static final String NAMESPACE = "policies";

    private Writes() {}

    static void refused(String words, Runnable write) {
        String said = String.valueOf(
                assertThrows(KubernetesClientException.class, write::run, words).getMessage());
        assertTrue(said.contains(words), said);
    }

    static void apply(KubernetesClient client, String yaml) {
        new Applier(client, "policy-test").apply(read(yaml));
    }

    static void create(KubernetesClient client, String yaml) {
        client.resource(read(yaml)).create();
    }

    static void replace(KubernetesClient client, String yaml) {
        client.resource(read(yaml)).update();
    }

    static void merge(KubernetesClient client, String yaml) {
        HasMetadata object = read(yaml);
        client.resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), object);
    }

    static void patchStatus(KubernetesClient client, String status) {
        client.resources(ClusterLink.class)
                .withName("policies")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": " + json(status) + "}");
    }

    static String json(String yaml) {
        return Serialization.asJson(
                Serialization.unmarshal("v: " + yaml, Map.class).get("v"));
    }

    static HasMetadata read(String yaml) {
        return Serialization.unmarshal(yaml);
    }

    static void grant(KubernetesClient admin, String name, String group, String resource) {
        apply(admin, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: %s, namespace: policies}
                rules: [{apiGroups: [%s], resources: [%s], verbs: [get, create, patch]}]
                """.formatted(name, group, resource));
        apply(admin, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: %1$s, namespace: policies}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %1$s}
                subjects: [{kind: ServiceAccount, name: tenant, namespace: policies}]
                """.formatted(name));
    }

    static String epoch(int epoch) {
        return "{tombolo.io/writer-epoch: \"" + epoch + "\"}";
    }

    static String managed(String more) {
        return "{endpointslice.kubernetes.io/managed-by: tombolo.io" + (more.isEmpty() ? "" : ", ") + more + "}";
    }

    static String path(int slot) {
        return "{paths: [{localSlot: " + slot + ", peerSlot: 0, state: Up}]}";
    }

    static String link() {
        return """
                apiVersion: tombolo.io/v1alpha1
                kind: ClusterLink
                metadata: {name: policies}
                spec:
                  identities: ["ed25519:fob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0="]
                  gateways: [{slot: 0, publicKey: G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=}]
                """;
    }

    static String slice(String name, String labels, String annotations) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %s, namespace: policies, labels: %s, annotations: %s}
                addressType: IPv4
                endpoints: [{addresses: [10.52.0.9]}]
                ports: [{port: 80}]
                """.formatted(name, labels, annotations);
    }

    static String imported(String namespace, String name, String annotations) {
        return """
                apiVersion: multicluster.x-k8s.io/v1beta1
                kind: ServiceImport
                metadata: {name: %s, namespace: %s, annotations: %s}
                spec: {type: Headless, ports: [{port: 80}]}
                """.formatted(name, namespace, annotations);
    }

    static String derived(String name, String annotations, String spec) {
        return service(name, "{tombolo.io/derived: \"true\"}", annotations, spec);
    }

    static String service(String name, String labels, String annotations, String spec) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: policies, labels: %s, annotations: %s}
                spec: %s
                """.formatted(name, labels, annotations, spec);
    }

    static String report(String name, String owner) {
        return """
                apiVersion: tombolo.io/v1alpha1
                kind: NodeReport
                metadata:
                  name: %s
                  ownerReferences: [{apiVersion: v1, kind: Node, name: %s, uid: 5f0b6c8e-0000-4000-8000-000000000000}]
                """.formatted(name, owner);
    }

    static String global(String spec) {
        return """
                apiVersion: tombolo.io/v1alpha1
                kind: GlobalService
                metadata: {name: web, namespace: policies}
                spec: %s
                """.formatted(spec);
    }
}
