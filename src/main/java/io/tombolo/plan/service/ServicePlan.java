package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.problem.Finding;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What must exist in this cluster for one service: an import, what receives its traffic, and what to say about it.
 *
 * @param serviceImport empty where nobody exports the service, or its namespace is absent or not shared
 * @param derived the Service behind the import's address; empty for a headless one
 * @param slices both sets, ordered by name
 * @param conflicts what the exporters disagree on; the same in every cluster
 * @param winner whose shape won; named in the conflict's message
 * @param clusters how each exporter takes part, ordered by cluster
 * @param findings about routing
 */
public record ServicePlan(
        NamespacedName name,
        Optional<Import> serviceImport,
        Optional<DerivedService> derived,
        List<Slice> slices,
        List<ConflictReason> conflicts,
        Optional<ClusterId> winner,
        List<Participation> clusters,
        List<Finding> findings) {

    public ServicePlan {
        slices = List.copyOf(slices);
        conflicts = List.copyOf(conflicts);
        clusters = List.copyOf(clusters);
        findings = List.copyOf(findings);
    }

    /**
     * The ServiceImport.
     *
     * @param ips the derived Service's addresses in the order of {@code ipFamilies}; empty when headless
     * @param clusters who exports it, ordered
     */
    public record Import(
            boolean headless,
            List<ExportedService.Port> ports,
            List<InetAddress> ips,
            List<String> ipFamilies,
            SessionAffinity sessionAffinity,
            OptionalInt sessionAffinityTimeout,
            String internalTrafficPolicy,
            Optional<String> trafficDistribution,
            Map<String, String> labels,
            Map<String, String> annotations,
            List<ClusterId> clusters) {
        public Import {
            ports = List.copyOf(ports);
            ips = List.copyOf(ips);
            ipFamilies = List.copyOf(ipFamilies);
            clusters = List.copyOf(clusters);
        }
    }

    /**
     * A selectorless Service of type ClusterIP. Its internal traffic policy is always {@code Cluster}: with
     * {@code Local} no remote endpoint would ever be used.
     *
     * @param ipFamilies what to ask the API server for; empty lets it choose
     */
    public record DerivedService(
            String name,
            List<ExportedService.Port> ports,
            List<String> ipFamilies,
            SessionAffinity sessionAffinity,
            OptionalInt sessionAffinityTimeout) {
        public DerivedService {
            ports = List.copyOf(ports);
            ipFamilies = List.copyOf(ipFamilies);
        }
    }

    /** Which of the two sets a slice belongs to; a slice never changes sides. */
    public enum SliceKind {
        /** Says what a cluster exports, unfiltered (label {@code multicluster.kubernetes.io/service-name}). */
        EXPORTED,
        /** Says who receives traffic now (label {@code kubernetes.io/service-name} of the derived Service). */
        RECEIVING
    }

    /**
     * One EndpointSlice.
     *
     * @param name follows from the rest but its endpoints, so an endpoint never renames its slice
     * @param source the one cluster its endpoints are in
     * @param endpoints ordered by address, at most 1,000
     */
    public record Slice(
            String name,
            SliceKind kind,
            ClusterId source,
            boolean ipv6,
            List<ExportedService.EndpointPort> ports,
            List<ExportedService.Endpoint> endpoints) {
        public Slice {
            ports = List.copyOf(ports);
            endpoints = List.copyOf(endpoints);
        }
    }

    /** How a cluster takes part in a service. */
    public enum State {
        /** Traffic goes there. */
        RECEIVING,
        /** Could receive; routing prefers others now. */
        STANDBY,
        /** Kept out by {@code import.fromClusters} or {@code sharing}. */
        EXCLUDED,
        /** No lane to it answers. */
        UNREACHABLE,
        /** Exports the service, without a ready endpoint. */
        NO_ENDPOINTS
    }

    /**
     * @param endpoints exported ones
     * @param ready of them
     * @param sharePercent of the traffic, over all ports, 0-100
     * @param why in a few words for people
     */
    public record Participation(
            ClusterId cluster, State state, int endpoints, int ready, int sharePercent, String why) {
        /** @param named whether {@code import.fromClusters} lets it in, so that it is {@code sharing} that does not */
        public static Participation excluded(ClusterId cluster, boolean named, int endpoints, int ready) {
            return new Participation(
                    cluster, State.EXCLUDED, endpoints, ready, 0, ParticipationPlanner.excluded(named));
        }
    }

    /**
     * What part of the traffic each cluster receives, in percent: kube-proxy chooses evenly among the ready endpoints of
     * a port, so each (ready endpoint, port) counts once. Clusters that receive nothing are absent.
     *
     * @param receiving those that receive traffic, of a plan or as they stand
     */
    public static SortedMap<ClusterId, Integer> shares(Collection<Slice> receiving) {
        SortedMap<ClusterId, Long> pairs = new TreeMap<>();
        for (Slice slice : receiving) {
            long ready = slice.endpoints().stream()
                    .filter(ExportedService.Endpoint::ready)
                    .count();
            if (ready > 0) {
                pairs.merge(slice.source(), ready * slice.ports().size(), Long::sum);
            }
        }
        long total = pairs.values().stream().mapToLong(Long::longValue).sum();
        SortedMap<ClusterId, Integer> shares = new TreeMap<>();
        pairs.forEach((cluster, own) -> shares.put(cluster, Math.round(100f * own / total)));
        return shares;
    }
}
