package io.tombolo.operator.globalservice;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.v1alpha1.GlobalServiceStatus.Cluster;
import io.tombolo.api.v1alpha1.GlobalServiceStatus.ClusterState;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Slices;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.Names;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Who takes part in a service, from the slices that stand in the API: what kube-proxy has, not what was meant. */
final class Participants {
    private static final String SERVICE_LABEL = "kubernetes.io/service-name";

    private Participants() {}

    private static final class Counted {
        /** Addresses: an endpoint stands in one slice per port set. */
        private final Set<String> endpoints = new HashSet<>();

        private final Set<String> ready = new HashSet<>();
        private final Set<String> receiving = new HashSet<>();
    }

    /**
     * @param slices ours, of any service
     * @param live whether a lane to the cluster answers; true for ourselves
     * @param counts whether {@code import.fromClusters} lets the cluster in
     * @return ordered by cluster
     */
    static List<Cluster> of(
            NamespacedName service,
            Collection<EndpointSlice> slices,
            Predicate<String> live,
            Predicate<String> counts) {
        String derived = Names.derivedService(service);
        Map<String, Counted> clusters = new TreeMap<>();
        for (EndpointSlice slice : slices) {
            Map<String, String> labels = slice.getMetadata().getLabels() == null
                    ? Map.of()
                    : slice.getMetadata().getLabels();
            if (!slice.getMetadata().getNamespace().equals(service.namespace())) {
                continue;
            }
            String sends = labels.get(ObjectNames.SOURCE_LABEL);
            String exports = labels.get(ObjectNames.MCS_CLUSTER_LABEL);
            if (sends != null && derived.equals(labels.get(SERVICE_LABEL))) {
                ready(slice).forEach(clusters.computeIfAbsent(sends, c -> new Counted()).receiving::addAll);
            } else if (exports != null && service.name().equals(labels.get(ObjectNames.MCS_SERVICE_LABEL))) {
                Counted counted = clusters.computeIfAbsent(exports, c -> new Counted());
                Slices.endpoints(slice).forEach(e -> counted.endpoints.addAll(e.getAddresses()));
                ready(slice).forEach(counted.ready::addAll);
            }
        }
        int total = clusters.values().stream().mapToInt(c -> c.receiving.size()).sum();
        return clusters.entrySet().stream()
                .map(e -> cluster(e.getKey(), e.getValue(), total, live, counts))
                .toList();
    }

    private static Cluster cluster(
            String name, Counted counted, int total, Predicate<String> live, Predicate<String> counts) {
        ClusterState state;
        if (!counts.test(name)) {
            state = ClusterState.EXCLUDED;
        } else if (!live.test(name)) {
            state = ClusterState.UNREACHABLE;
        } else if (!counted.receiving.isEmpty()) {
            state = ClusterState.RECEIVING;
        } else {
            state = counted.ready.isEmpty() ? ClusterState.NO_ENDPOINTS : ClusterState.STANDBY;
        }
        int share = total == 0 ? 0 : Math.round(100f * counted.receiving.size() / total);
        return new Cluster(name, state, share, counted.endpoints.size(), counted.ready.size());
    }

    private static List<List<String>> ready(EndpointSlice slice) {
        return Slices.endpoints(slice).stream()
                .filter(Participants::isReady)
                .map(Endpoint::getAddresses)
                .toList();
    }

    private static boolean isReady(Endpoint endpoint) {
        return endpoint.getConditions() == null
                || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
    }
}
