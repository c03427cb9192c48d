package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Slices;
import io.tombolo.kube.Watched;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Watched EndpointSlices of one maker, found by the service that a label of theirs names. */
final class SliceIndex implements AutoCloseable {
    private final String serviceLabel;
    private final Watched<EndpointSlice> slices;

    /**
     * @param managedBy the maker
     * @param serviceLabel names the service, within the slice's namespace
     */
    SliceIndex(KubernetesClient client, String managedBy, String serviceLabel, Consumer<NamespacedName> onChange) {
        this.serviceLabel = serviceLabel;
        this.slices = Watched.startIndexed(
                "endpointslices of " + managedBy,
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inAnyNamespace()
                        .withLabel(ObjectNames.MANAGED_BY_LABEL, managedBy),
                this::keys,
                Slices::trim,
                change -> service(change.object()).ifPresent(onChange));
    }

    private List<String> keys(EndpointSlice slice) {
        Optional<String> exporter =
                Optional.ofNullable(slice.getMetadata().getLabels().get(ObjectNames.MCS_CLUSTER_LABEL));
        Optional<String> source =
                Optional.ofNullable(slice.getMetadata().getLabels().get(ObjectNames.SOURCE_LABEL));
        return Stream.of(
                        service(slice).map(NamespacedName::toString),
                        exporter.map(SliceIndex::exported),
                        source.map(SliceIndex::receiving))
                .flatMap(Optional::stream)
                .toList();
    }

    /** No service has a space in its name. */
    private static String exported(String cluster) {
        return "of " + cluster;
    }

    private static String receiving(String cluster) {
        return "to " + cluster;
    }

    private Optional<NamespacedName> service(EndpointSlice slice) {
        return Optional.ofNullable(slice.getMetadata().getLabels().get(serviceLabel))
                .filter(name -> !name.isEmpty())
                .map(name -> new NamespacedName(slice.getMetadata().getNamespace(), name));
    }

    List<EndpointSlice> of(NamespacedName service) {
        return slices.indexed(service.toString());
    }

    /** Every service that has a slice now. */
    Set<NamespacedName> services() {
        return services(slices.list());
    }

    /** Every service that has a slice whose endpoints are the cluster's. */
    Set<NamespacedName> from(ClusterId cluster) {
        return services(slices.indexed(exported(cluster.value())));
    }

    /** The slices by which the cluster's endpoints receive traffic now. */
    List<EndpointSlice> receiving(ClusterId cluster) {
        return slices.indexed(receiving(cluster.value()));
    }

    private Set<NamespacedName> services(List<EndpointSlice> of) {
        Set<NamespacedName> services = new TreeSet<>();
        of.forEach(slice -> service(slice).ifPresent(services::add));
        return services;
    }

    boolean isSynced() {
        return slices.isSynced();
    }

    @Override
    public void close() {
        slices.close();
    }
}
