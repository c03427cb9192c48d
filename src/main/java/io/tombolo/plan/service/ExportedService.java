package io.tombolo.plan.service;

import io.tombolo.net.Aliases;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A service as one cluster exports it (KEP-1645): its shape and its endpoints. Made from local objects by a reader, or
 * from what a peer sent by the exchange; the planner does not care which.
 *
 * @param created creationTimestamp of the ServiceExport: the oldest wins conflicts, then the cluster ID
 * @param ports the Service's ports, as the Service orders them; 1-100
 * @param ipFamilies {@code IPv4}, {@code IPv6} in the Service's order
 * @param sessionAffinityTimeout seconds, present only with {@code ClientIP}
 * @param labels exportedLabels of the ServiceExport
 * @param annotations exportedAnnotations of the ServiceExport
 * @param toClusters clusters that may import it; empty: all
 * @param endpoints grouped by the ports they serve (one group per EndpointSlice port set)
 */
public record ExportedService(
        NamespacedName name,
        Instant created,
        boolean headless,
        List<Port> ports,
        List<String> ipFamilies,
        SessionAffinity sessionAffinity,
        OptionalInt sessionAffinityTimeout,
        String internalTrafficPolicy,
        Optional<String> trafficDistribution,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<String> toClusters,
        List<EndpointGroup> endpoints) {

    public ExportedService {
        ports = List.copyOf(ports);
        ipFamilies = List.copyOf(ipFamilies);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        toClusters = List.copyOf(toClusters);
        endpoints = List.copyOf(endpoints);
    }

    /** As other clusters know it: the same service, its endpoints under these aliases. */
    public ExportedService under(Aliases aliases) {
        return aliases.isEmpty()
                ? this
                : new ExportedService(
                        name,
                        created,
                        headless,
                        ports,
                        ipFamilies,
                        sessionAffinity,
                        sessionAffinityTimeout,
                        internalTrafficPolicy,
                        trafficDistribution,
                        labels,
                        annotations,
                        toClusters,
                        endpoints.stream().map(group -> group.under(aliases)).toList());
    }

    /** As {@code Service.spec.sessionAffinity}. */
    public enum SessionAffinity {
        NONE,
        CLIENT_IP
    }

    /**
     * A port of the Service.
     *
     * @param name empty for the one unnamed port
     * @param port 1-65535, what clients connect to
     */
    public record Port(String name, Transport transport, int port, Optional<String> appProtocol) {}

    /** Endpoints of one address family that serve the same ports. */
    public record EndpointGroup(boolean ipv6, List<EndpointPort> ports, List<Endpoint> endpoints) {
        public EndpointGroup {
            ports = List.copyOf(ports);
            endpoints = List.copyOf(endpoints);
        }

        private EndpointGroup under(Aliases aliases) {
            return new EndpointGroup(
                    ipv6,
                    ports,
                    endpoints.stream()
                            .map(e -> new Endpoint(
                                    aliases.of(e.address()), e.hostname(), e.ready(), e.serving(), e.terminating()))
                            .toList());
        }
    }

    /**
     * Where the pods of a group listen.
     *
     * @param name the service port's name
     * @param port 1-65535, the pods' port
     */
    public record EndpointPort(String name, Transport transport, int port, Optional<String> appProtocol) {}

    /**
     * One pod.
     *
     * @param hostname of a StatefulSet's pod, empty else
     * @param ready mirrored as it is; null in a slice counts as ready
     */
    public record Endpoint(
            InetAddress address, Optional<String> hostname, boolean ready, boolean serving, boolean terminating) {}
}
