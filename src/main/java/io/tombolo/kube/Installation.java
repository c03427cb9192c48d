package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Deletable;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.plan.dns.Corefile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Everything that {@code deploy/} and the operator put into a cluster, as far as removing it goes. */
public final class Installation {
    /** On every object of {@code deploy/}. */
    private static final Map<String, String> PART_OF = Map.of("app.kubernetes.io/part-of", "tombolo");

    private static final Set<String> AGENTS = Set.of(ObjectNames.GATEWAY, ObjectNames.NODE);
    private static final String DNS_NAMESPACE = "kube-system";
    private static final int NOT_FOUND = 404;

    private final KubernetesClient client;
    private final String namespace;

    public Installation(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    public List<ClusterLink> links() {
        return known(() -> client.resources(ClusterLink.class).list().getItems(), List.of());
    }

    public void deleteLinks() {
        links().forEach(l -> client.resource(l).delete());
    }

    /** Deletes every GlobalService; the garbage collector takes the ServiceExports that they own. */
    public void deleteGlobalServices() {
        known(() -> client.resources(GlobalService.class).inAnyNamespace().delete(), List.of());
    }

    /** ServiceExports that a GlobalService owns; those that people made are not among them. */
    public List<ServiceExport> ownedExports() {
        return known(
                        () -> client.resources(ServiceExport.class)
                                .inAnyNamespace()
                                .list()
                                .getItems(),
                        List.<ServiceExport>of())
                .stream()
                .filter(export -> export.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getKind().equals("GlobalService")))
                .toList();
    }

    /** Deletes LocalCluster; the garbage collector takes what it owns. */
    public void deleteLocalCluster() {
        known(
                () -> client.resources(LocalCluster.class)
                        .withName(ObjectNames.LOCAL_CLUSTER)
                        .delete(),
                List.of());
    }

    /** How many slices of ours are left in any namespace. */
    public int importedSlices() {
        return client.discovery()
                .v1()
                .endpointSlices()
                .inAnyNamespace()
                .withLabel(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY)
                .list()
                .getItems()
                .size();
    }

    /** Pods of gateways and node agents that are still there, terminating ones included. */
    public List<Pod> agentPods() {
        return client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(p -> AGENTS.contains(p.getSpec().getServiceAccountName()))
                .toList();
    }

    public boolean isDnsWired() {
        return wiredMap("coredns") != null || wiredMap("coredns-custom") != null;
    }

    /** Takes our block out of the cluster DNS' configuration: what the operator does where it lives. */
    public void unwireDns() {
        for (String name : List.of("coredns", "coredns-custom")) {
            ConfigMap map = wiredMap(name);
            if (map != null) {
                client.resource(map).edit(m -> {
                    m.getData()
                            .replaceAll(
                                    (file, text) -> new Corefile(text).unwired().text());
                    return m;
                });
            }
        }
    }

    private @Nullable ConfigMap wiredMap(String name) {
        ConfigMap map =
                client.configMaps().inNamespace(DNS_NAMESPACE).withName(name).get();
        boolean wired = map != null
                && map.getData() != null
                && map.getData().values().stream().anyMatch(text -> new Corefile(text).isWired());
        return wired ? map : null;
    }

    /** Deletes what {@code deploy/} installs. The CRDs take their objects with them, the namespace all within. */
    public void deleteInstallation() {
        delete(client.apps().deployments().inNamespace(namespace).withLabels(PART_OF));
        delete(client.admissionRegistration()
                .v1()
                .validatingAdmissionPolicyBindings()
                .withLabels(PART_OF));
        delete(client.admissionRegistration().v1().validatingAdmissionPolicies().withLabels(PART_OF));
        delete(client.apiextensions().v1().customResourceDefinitions().withLabels(PART_OF));
        delete(client.rbac().clusterRoleBindings().withLabels(PART_OF));
        delete(client.rbac().clusterRoles().withLabels(PART_OF));
        delete(client.rbac().roleBindings().inNamespace(DNS_NAMESPACE).withLabels(PART_OF));
        delete(client.rbac().roles().inNamespace(DNS_NAMESPACE).withLabels(PART_OF));
        client.namespaces().withName(namespace).delete();
    }

    public boolean isGone() {
        return client.namespaces().withName(namespace).get() == null
                && client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .withLabels(PART_OF)
                        .list()
                        .getItems()
                        .isEmpty();
    }

    private static void delete(Deletable objects) {
        objects.delete();
    }

    /** A kind that is not installed has no objects. */
    private static <T> T known(Supplier<T> call, T none) {
        try {
            return call.get();
        } catch (KubernetesClientException e) {
            if (e.getCode() == NOT_FOUND) {
                return none;
            }
            throw e;
        }
    }
}
