package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.net.Addresses;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;

/** Where this cluster's API server answers, from the slices of Service {@code default/kubernetes}. */
public final class ApiServerReader {
    /** Label of the Service a slice belongs to. */
    private static final String SERVICE_LABEL = "kubernetes.io/service-name";

    private ApiServerReader() {}

    public static List<InetAddress> read(Collection<EndpointSlice> slices) {
        return slices.stream()
                .filter(s -> s.getMetadata().getNamespace().equals("default")
                        && s.getMetadata().getLabels() != null
                        && "kubernetes".equals(s.getMetadata().getLabels().get(SERVICE_LABEL)))
                .flatMap(s -> Slices.endpoints(s).stream())
                .flatMap(e -> e.getAddresses().stream())
                .map(Addresses::parse)
                .distinct()
                .toList();
    }
}
