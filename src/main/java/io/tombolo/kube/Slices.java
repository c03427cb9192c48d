package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** What is read of EndpointSlices. */
public final class Slices {
    /** Written with every change of a slice, and read by nobody here. */
    private static final String TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time";

    private static final ConcurrentMap<EndpointConditions, EndpointConditions> CONDITIONS = new ConcurrentHashMap<>();

    private Slices() {}

    /**
     * Makes a slice that is kept small: it has no word about pods, and shares with others what all say alike. One of ten
     * endpoints, as Kubernetes' controller writes it, takes 3.4 KiB instead of 9.6; a cluster may have ten thousand.
     */
    public static void trim(EndpointSlice slice) {
        Map<String, String> annotations = slice.getMetadata().getAnnotations();
        if (annotations != null) {
            annotations.remove(TRIGGER_TIME);
        }
        for (Endpoint endpoint : endpoints(slice)) {
            endpoint.setTargetRef(null);
            endpoint.setAdditionalProperties(Map.of());
            if (endpoint.getAddresses() != null) {
                endpoint.setAddresses(List.copyOf(endpoint.getAddresses()));
            }
            if (endpoint.getConditions() != null) {
                endpoint.setConditions(CONDITIONS.computeIfAbsent(endpoint.getConditions(), c -> c));
            }
            if (endpoint.getNodeName() != null) {
                endpoint.setNodeName(endpoint.getNodeName().intern());
            }
            if (endpoint.getZone() != null) {
                endpoint.setZone(endpoint.getZone().intern());
            }
        }
    }

    /** The API writes {@code null} for none. */
    public static List<Endpoint> endpoints(EndpointSlice slice) {
        return orEmpty(slice.getEndpoints());
    }

    /** The API writes {@code null} for none. */
    public static List<EndpointPort> ports(EndpointSlice slice) {
        return orEmpty(slice.getPorts());
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
