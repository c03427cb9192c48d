package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Watched;
import io.tombolo.net.NamespacedName;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/** Watched EndpointSlices of one maker, found by the service that a label of theirs names. */
final class SliceIndex implements AutoCloseable {
    private final String serviceLabel;
    private final ConcurrentMap<NamespacedName, Set<String>> byService = new ConcurrentHashMap<>();
    private final Watched<EndpointSlice> slices;

    /**
     * @param managedBy the maker
     * @param serviceLabel names the service, within the slice's namespace
     */
    SliceIndex(KubernetesClient client, String managedBy, String serviceLabel, Consumer<NamespacedName> onChange) {
        this.serviceLabel = serviceLabel;
        this.slices = Watched.start(
                "endpointslices of " + managedBy,
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inAnyNamespace()
                        .withLabel(ObjectNames.MANAGED_BY_LABEL, managedBy),
                slice -> {
                    String service = slice.getMetadata().getLabels().get(serviceLabel);
                    if (service != null) {
                        NamespacedName name =
                                new NamespacedName(slice.getMetadata().getNamespace(), service);
                        // names stay until they are looked for and not found: an informer's store, not this, is the
                        // truth
                        byService
                                .computeIfAbsent(name, n -> ConcurrentHashMap.newKeySet())
                                .add(slice.getMetadata().getName());
                        onChange.accept(name);
                    }
                });
    }

    List<EndpointSlice> of(NamespacedName service) {
        Set<String> names = byService.get(service);
        if (names == null) {
            return List.of();
        }
        List<EndpointSlice> found = new ArrayList<>();
        for (String name : names) {
            EndpointSlice slice = slices.get(service.namespace(), name);
            if (slice != null
                    && service.name().equals(slice.getMetadata().getLabels().get(serviceLabel))) {
                found.add(slice);
            } else {
                names.remove(name);
            }
        }
        return found;
    }

    /** Every service that has a slice now. */
    Set<NamespacedName> services() {
        Set<NamespacedName> services = new TreeSet<>();
        for (EndpointSlice slice : slices.list()) {
            String service =
                    Objects.requireNonNullElse(slice.getMetadata().getLabels().get(serviceLabel), "");
            if (!service.isEmpty()) {
                services.add(new NamespacedName(slice.getMetadata().getNamespace(), service));
            }
        }
        return services;
    }

    boolean isSynced() {
        return slices.isSynced();
    }

    void revive() {
        slices.revive();
    }

    @Override
    public void close() {
        slices.close();
    }
}
