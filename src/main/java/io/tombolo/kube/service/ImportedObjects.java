package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Watched;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.Names;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What stands in this cluster of imports, as watched: ours, and what others put where ours would be. */
public final class ImportedObjects implements AutoCloseable {
    private final Watched<ServiceImport> imports;
    private final Watched<Service> derived;
    private final SliceIndex slices;

    /** @param onChange told the service on every change of one of its objects, ours too, on a watch's thread */
    public ImportedObjects(KubernetesClient client, Consumer<NamespacedName> onChange) {
        this.imports = Watched.start(
                "serviceimports",
                client.resources(ServiceImport.class).inAnyNamespace(),
                change -> onChange.accept(ObjectNames.of(change.object())));
        this.derived = Watched.start(
                "derived services",
                client.services().inAnyNamespace().withLabel(ObjectNames.DERIVED_LABEL, "true"),
                change -> label(change.object(), ImportRenderer.SERVICE_LABEL, onChange));
        this.slices = new SliceIndex(client, ObjectNames.MANAGED_BY, ImportRenderer.SERVICE_LABEL, onChange);
    }

    public boolean isSynced() {
        return imports.isSynced() && derived.isSynced() && slices.isSynced();
    }

    /** Every service of which something of ours stands. */
    public Set<NamespacedName> names() {
        Set<NamespacedName> names = new TreeSet<>(slices.services());
        imports.list().stream().filter(ImportedObjects::ours).forEach(i -> names.add(ObjectNames.of(i)));
        derived.list().forEach(s -> label(s, ImportRenderer.SERVICE_LABEL, names::add));
        return names;
    }

    /** The services of which slices of the peer's stand: of what else nothing is {@link #remembered}. */
    public Set<NamespacedName> importedFrom(ClusterId peer) {
        return slices.from(peer);
    }

    /** The derived Service's addresses in its order; none before it exists. */
    public List<InetAddress> clusterIps(NamespacedName name) {
        Service service = derived(name);
        return service == null ? List.of() : clusterIps(service);
    }

    /** What stands of a peer's export; empty where nothing of that peer does. */
    public Optional<ExportedService> remembered(NamespacedName name, ClusterId peer) {
        ServiceImport standing = serviceImport(name);
        return standing == null || !ours(standing)
                ? Optional.empty()
                : ImportReader.remembered(name, standing, slices(name), peer);
    }

    @Override
    public void close() {
        imports.close();
        derived.close();
        slices.close();
    }

    @Nullable
    ServiceImport serviceImport(NamespacedName name) {
        return imports.get(name.namespace(), name.name());
    }

    @Nullable
    Service derived(NamespacedName name) {
        return derived.get(name.namespace(), Names.derivedService(name));
    }

    List<EndpointSlice> slices(NamespacedName name) {
        return slices.of(name);
    }

    /** The slices by which the cluster's endpoints receive traffic now, of all services. */
    List<EndpointSlice> receiving(ClusterId cluster) {
        return slices.receiving(cluster);
    }

    static List<InetAddress> clusterIps(Service service) {
        List<String> ips = service.getSpec().getClusterIPs();
        return ips == null
                ? List.of()
                : ips.stream()
                        .filter(ip -> !ip.equals("None"))
                        .map(Addresses::parse)
                        .toList();
    }

    /** An import is ours if the LocalCluster owns it; anybody else's is left alone. */
    static boolean ours(ServiceImport found) {
        return found.getMetadata().getOwnerReferences().stream()
                .anyMatch(o ->
                        o.getKind().equals("LocalCluster") && o.getApiVersion().startsWith("tombolo.io/"));
    }

    private static void label(HasMetadata object, String label, Consumer<NamespacedName> then) {
        Map<String, String> labels = object.getMetadata().getLabels();
        String service = labels == null ? null : labels.get(label);
        if (service != null) {
            then.accept(new NamespacedName(object.getMetadata().getNamespace(), service));
        }
    }
}
