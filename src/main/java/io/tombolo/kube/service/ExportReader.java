package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Slices;
import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.firewall.ServiceSocket;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** ServiceExport, Service and its EndpointSlices as one {@link LocalExport}. */
final class ExportReader {
    private static final String KUBE_CONTROLLER = "endpointslice-controller.k8s.io";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    /** What peers accept; see the exchange. */
    private static final int MOST_LABELS = 64;

    private static final int MOST_ANNOTATION_CHARS = 16 * 1024;

    private ExportReader() {}

    /**
     * @param service null where there is none of this name
     * @param slices every EndpointSlice of the Service; those that kube's own controller did not make are named, no more
     * @param toClusters of the GlobalService, empty: all
     * @param shared whether {@code sharing} lets the namespace export
     */
    static LocalExport read(
            ServiceExport export,
            @Nullable Service service,
            Collection<EndpointSlice> slices,
            List<String> toClusters,
            boolean shared) {
        NamespacedName name = ObjectNames.of(export);
        Optional<Finding> refused = refused(name, export, service, shared);
        if (refused.isPresent() || service == null) {
            return local(export, name, Optional.empty(), refused, Map.of(), List.of());
        }
        ServiceSpec spec = service.getSpec();
        Map<String, Set<ServiceSocket>> sockets = new TreeMap<>();
        List<EndpointSlice> sound = new ArrayList<>();
        List<String> forged = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            if (madeByKube(slice, service)) {
                sound.add(slice);
            } else {
                forged.add(slice.getMetadata().getName());
            }
        }
        forged.sort(null);
        List<EndpointGroup> groups = groups(sound, sockets);
        ExportedService exported = new ExportedService(
                name,
                Instant.parse(export.getMetadata().getCreationTimestamp()),
                "None".equals(spec.getClusterIP()),
                spec.getPorts().stream().map(ExportReader::port).toList(),
                spec.getIpFamilies() == null || spec.getIpFamilies().isEmpty() ? List.of("IPv4") : spec.getIpFamilies(),
                "ClientIP".equals(spec.getSessionAffinity()) ? SessionAffinity.CLIENT_IP : SessionAffinity.NONE,
                affinityTimeout(spec),
                spec.getInternalTrafficPolicy() == null ? "Cluster" : spec.getInternalTrafficPolicy(),
                Optional.ofNullable(spec.getTrafficDistribution()),
                labels(export),
                annotations(export),
                toClusters,
                groups);
        return local(export, name, Optional.of(exported), Optional.empty(), sockets, forged);
    }

    private static LocalExport local(
            ServiceExport export,
            NamespacedName name,
            Optional<ExportedService> service,
            Optional<Finding> refused,
            Map<String, Set<ServiceSocket>> sockets,
            List<String> forged) {
        Long generation = export.getMetadata().getGeneration();
        return new LocalExport(
                name,
                export.getMetadata().getUid(),
                generation == null ? 0 : generation,
                service,
                refused,
                sockets,
                forged);
    }

    private static Optional<Finding> refused(
            NamespacedName name, ServiceExport export, @Nullable Service service, boolean shared) {
        Optional<Finding> objection = ExportableCheck.check(name, Optional.ofNullable(service));
        if (objection.isPresent()) {
            return objection;
        }
        if (!shared) {
            return Optional.of(Finding.of(
                    Problem.NAMESPACE_NOT_ACCEPTED,
                    "metadata.namespace",
                    "LocalCluster spec.sharing.exports does not choose namespace " + name.namespace()));
        }
        int chars = annotations(export).entrySet().stream()
                .mapToInt(a -> a.getKey().length() + a.getValue().length())
                .sum();
        if (labels(export).size() > MOST_LABELS || chars > MOST_ANNOTATION_CHARS) {
            return Optional.of(Finding.of(
                    Problem.LIMIT_EXCEEDED,
                    "spec",
                    "ServiceExport " + name + " exports more than " + MOST_LABELS + " labels or "
                            + MOST_ANNOTATION_CHARS + " characters of annotations"));
        }
        return Optional.empty();
    }

    private static ExportedService.Port port(ServicePort port) {
        return new ExportedService.Port(
                Objects.requireNonNullElse(port.getName(), ""),
                transport(port.getProtocol()),
                port.getPort(),
                Optional.ofNullable(port.getAppProtocol()));
    }

    private static Transport transport(@Nullable String protocol) {
        return protocol == null ? Transport.TCP : Transport.valueOf(protocol);
    }

    private static OptionalInt affinityTimeout(ServiceSpec spec) {
        if (!"ClientIP".equals(spec.getSessionAffinity())
                || spec.getSessionAffinityConfig() == null
                || spec.getSessionAffinityConfig().getClientIP() == null
                || spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds() == null) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds());
    }

    private static Map<String, String> labels(ServiceExport export) {
        return export.getSpec() == null || export.getSpec().exportedLabels() == null
                ? Map.of()
                : export.getSpec().exportedLabels();
    }

    private static Map<String, String> annotations(ServiceExport export) {
        return export.getSpec() == null || export.getSpec().exportedAnnotations() == null
                ? Map.of()
                : export.getSpec().exportedAnnotations();
    }

    /** One group per family and port set, its endpoints ordered: equal endpoints in other slices are equal groups. */
    private static List<EndpointGroup> groups(
            Collection<EndpointSlice> slices, Map<String, Set<ServiceSocket>> sockets) {
        Map<EndpointGroup, Map<InetAddress, Endpoint>> groups = new LinkedHashMap<>();
        for (EndpointSlice slice : slices) {
            List<ExportedService.EndpointPort> ports = new ArrayList<>();
            for (EndpointPort port : Slices.ports(slice)) {
                if (port.getPort() != null) {
                    ports.add(new ExportedService.EndpointPort(
                            Objects.requireNonNullElse(port.getName(), ""),
                            transport(port.getProtocol()),
                            port.getPort(),
                            Optional.ofNullable(port.getAppProtocol())));
                }
            }
            ports.sort(Comparator.comparing(ExportedService.EndpointPort::name));
            EndpointGroup key = new EndpointGroup("IPv6".equals(slice.getAddressType()), ports, List.of());
            Map<InetAddress, Endpoint> members = groups.computeIfAbsent(key, k -> new HashMap<>());
            // null in a slice that has none yet
            Slices.endpoints(slice).forEach(e -> add(e, ports, members, sockets));
        }
        return groups.entrySet().stream()
                .filter(e -> !e.getValue().isEmpty())
                .map(e -> new EndpointGroup(
                        e.getKey().ipv6(),
                        e.getKey().ports(),
                        e.getValue().values().stream()
                                .sorted(Comparator.comparing(m -> m.address().getAddress(), Arrays::compareUnsigned))
                                .toList()))
                .sorted(Comparator.comparing(
                        g -> g.ipv6() + g.ports().stream().map(Object::toString).collect(Collectors.joining())))
                .toList();
    }

    private static void add(
            io.fabric8.kubernetes.api.model.discovery.v1.Endpoint wire,
            List<ExportedService.EndpointPort> ports,
            Map<InetAddress, Endpoint> members,
            Map<String, Set<ServiceSocket>> sockets) {
        if (wire.getAddresses() == null || wire.getAddresses().isEmpty()) {
            return;
        }
        InetAddress address = Addresses.parse(wire.getAddresses().getFirst());
        EndpointConditions conditions = wire.getConditions();
        // null means unknown, and unknown counts as ready (discovery/v1)
        boolean ready = conditions == null || !Boolean.FALSE.equals(conditions.getReady());
        boolean serving = conditions == null || conditions.getServing() == null ? ready : conditions.getServing();
        boolean terminating = conditions != null && Boolean.TRUE.equals(conditions.getTerminating());
        Endpoint endpoint = new Endpoint(address, Optional.ofNullable(wire.getHostname()), ready, serving, terminating);
        // a pod may stand in two slices for a moment while kube moves it: ready wins
        members.merge(address, endpoint, (a, b) -> a.ready() ? a : b);
        if (wire.getNodeName() != null) {
            Set<ServiceSocket> onNode = sockets.computeIfAbsent(wire.getNodeName(), n -> new HashSet<>());
            ports.forEach(p -> onNode.add(new ServiceSocket(address, p.transport(), p.port())));
        }
    }

    /** Anybody who may write EndpointSlices can forge some; only those of kube's controller for this very Service count. */
    private static boolean madeByKube(EndpointSlice slice, Service service) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        return labels != null
                && !"FQDN".equals(slice.getAddressType())
                && KUBE_CONTROLLER.equals(labels.get(MANAGED_BY))
                && slice.getMetadata().getOwnerReferences().stream()
                        .anyMatch(o -> Boolean.TRUE.equals(o.getController())
                                && Objects.equals(
                                        o.getUid(), service.getMetadata().getUid()));
    }
}
