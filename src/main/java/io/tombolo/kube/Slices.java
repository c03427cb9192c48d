package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists of an EndpointSlice: the API writes {@code null} for one without entries. */
public final class Slices {
    private Slices() {}

    public static List<Endpoint> endpoints(EndpointSlice slice) {
        return orEmpty(slice.getEndpoints());
    }

    public static List<EndpointPort> ports(EndpointSlice slice) {
        return orEmpty(slice.getPorts());
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
