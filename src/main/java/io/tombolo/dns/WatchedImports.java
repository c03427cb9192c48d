package io.tombolo.dns;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.dns.zone.ImportedService;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Watched;
import io.tombolo.net.NamespacedName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The world as the API server tells it. */
final class WatchedImports implements Imports, AutoCloseable {
    private final Watched<ServiceImport> imports;
    private final Watched<EndpointSlice> slices;
    private final Watched<ClusterLink> links;
    private final Watched<LocalCluster> locals;

    /** Names of slices that belong, or once belonged, to a service; the watch's store says which still do. */
    private final Map<NamespacedName, Set<String>> sliceNames = new ConcurrentHashMap<>();

    /**
     * Starts watching; returns at once, also while the API server is away.
     *
     * @param changed called with each service that may have changed
     * @param surroundingsChanged called when a link or the local cluster may have
     */
    WatchedImports(KubernetesClient client, Consumer<NamespacedName> changed, Runnable surroundingsChanged) {
        imports = Watched.startPacked(
                "serviceimports",
                client.resources(ServiceImport.class).inAnyNamespace(),
                ServiceImport.class,
                client.getKubernetesSerialization(),
                o -> changed.accept(ObjectNames.of(o.object())));
        slices = Watched.startPacked(
                "imported endpointslices",
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inAnyNamespace()
                        .withLabel(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY)
                        .withLabel(ObjectNames.MCS_CLUSTER_LABEL),
                EndpointSlice.class,
                client.getKubernetesSerialization(),
                change -> {
                    index(change.object());
                    serviceOf(change.object()).ifPresent(changed);
                });
        links = Watched.start("clusterlinks", client.resources(ClusterLink.class), _ -> surroundingsChanged.run());
        locals = Watched.start("localclusters", client.resources(LocalCluster.class), _ -> surroundingsChanged.run());
    }

    @Override
    public boolean isSynced() {
        return imports.isSynced() && slices.isSynced() && links.isSynced() && locals.isSynced();
    }

    @Override
    public Set<NamespacedName> names() {
        slices.forEach(this::index); // the store may know what no event has told yet
        Set<NamespacedName> names = new HashSet<>();
        imports.forEach(object -> names.add(ObjectNames.of(object)));
        return names;
    }

    @Override
    public Optional<ImportedService> read(NamespacedName name) {
        ServiceImport object = imports.get(name.namespace(), name.name());
        List<EndpointSlice> belonging = slicesOf(name);
        return object == null ? Optional.empty() : Optional.of(ImportReader.read(object, belonging));
    }

    private void index(EndpointSlice slice) {
        serviceOf(slice)
                .ifPresent(service -> sliceNames.compute(service, (s, names) -> {
                    Set<String> all = names == null ? new HashSet<>() : names;
                    all.add(slice.getMetadata().getName());
                    return all;
                }));
    }

    private List<EndpointSlice> slicesOf(NamespacedName service) {
        List<EndpointSlice> belonging = new ArrayList<>();
        sliceNames.computeIfPresent(service, (s, names) -> {
            names.removeIf(name -> {
                EndpointSlice slice = slices.get(service.namespace(), name);
                boolean belongs = slice != null
                        && serviceOf(slice).filter(service::equals).isPresent();
                if (belongs) {
                    belonging.add(slice);
                }
                return !belongs;
            });
            return names.isEmpty() ? null : names;
        });
        return belonging;
    }

    @Override
    public Surroundings surroundings() {
        return SurroundingsReader.read(locals.get(null, LocalCluster.NAME), links.list());
    }

    @Override
    public void close() {
        imports.close();
        slices.close();
        links.close();
        locals.close();
    }

    private static Optional<NamespacedName> serviceOf(EndpointSlice slice) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        return Optional.ofNullable(labels == null ? null : labels.get(ObjectNames.MCS_SERVICE_LABEL))
                .map(service -> new NamespacedName(slice.getMetadata().getNamespace(), service));
    }
}
