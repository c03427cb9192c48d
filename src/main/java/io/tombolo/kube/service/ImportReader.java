package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Slices;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** An import and its slices read back as the export they were made from: what we remember of a peer not heard yet. */
final class ImportReader {
    private ImportReader() {}

    /**
     * @return empty where nothing of {@code source} stands. Its age is not remembered: it loses against every export that
     *     was heard, and alone it keeps the import as it is.
     */
    static Optional<ExportedService> remembered(
            NamespacedName name, ServiceImport standing, Collection<EndpointSlice> slices, ClusterId source) {
        List<EndpointGroup> groups = groups(slices.stream()
                .filter(s -> source.value().equals(s.getMetadata().getLabels().get(ObjectNames.MCS_CLUSTER_LABEL)))
                .toList());
        if (groups.isEmpty()) {
            return Optional.empty();
        }
        Set<String> portNames = new HashSet<>();
        groups.forEach(group -> group.ports().forEach(p -> portNames.add(p.name())));
        ServiceImport.Spec spec = standing.getSpec();
        Map<String, String> labels =
                new HashMap<>(Objects.requireNonNullElse(standing.getMetadata().getLabels(), Map.of()));
        labels.remove(ImportRenderer.SERVICE_LABEL);
        Map<String, String> annotations =
                new HashMap<>(Objects.requireNonNullElse(standing.getMetadata().getAnnotations(), Map.of()));
        annotations.remove(ObjectNames.WRITER_EPOCH_ANNOTATION);
        return Optional.of(new ExportedService(
                name,
                Instant.MAX,
                "Headless".equals(spec.type()),
                spec.ports().stream()
                        .map(p -> new ExportedService.Port(
                                Objects.requireNonNullElse(p.name(), ""),
                                Transport.valueOf(p.protocol()),
                                p.port(),
                                Optional.ofNullable(p.appProtocol())))
                        .filter(p -> portNames.contains(p.name()))
                        .toList(),
                Objects.requireNonNullElse(spec.ipFamilies(), List.of("IPv4")),
                "ClientIP".equals(spec.sessionAffinity()) ? SessionAffinity.CLIENT_IP : SessionAffinity.NONE,
                timeout(spec),
                Objects.requireNonNullElse(spec.internalTrafficPolicy(), "Cluster"),
                Optional.ofNullable(spec.trafficDistribution()),
                labels,
                annotations,
                List.of(),
                groups));
    }

    private static OptionalInt timeout(ServiceImport.Spec spec) {
        return spec.sessionAffinityConfig() == null
                        || spec.sessionAffinityConfig().getClientIP() == null
                        || spec.sessionAffinityConfig().getClientIP().getTimeoutSeconds() == null
                ? OptionalInt.empty()
                : OptionalInt.of(spec.sessionAffinityConfig().getClientIP().getTimeoutSeconds());
    }

    /** Of slices that {@link ImportRenderer} made of one export: a group was cut into several. */
    static List<EndpointGroup> groups(Collection<EndpointSlice> slices) {
        List<EndpointGroup> groups = new ArrayList<>();
        slices.stream()
                .map(ImportReader::group)
                .collect(Collectors.groupingBy(g -> List.of(g.ipv6(), g.ports())))
                .values()
                .forEach(parts -> groups.add(new EndpointGroup(
                        parts.getFirst().ipv6(),
                        parts.getFirst().ports(),
                        parts.stream()
                                .flatMap(part -> part.endpoints().stream())
                                .toList())));
        return groups;
    }

    /** A slice that {@link ImportRenderer} made. */
    static EndpointGroup group(EndpointSlice slice) {
        return new EndpointGroup(
                "IPv6".equals(slice.getAddressType()),
                Slices.ports(slice).stream()
                        .map(p -> new EndpointPort(
                                Objects.requireNonNullElse(p.getName(), ""),
                                Transport.valueOf(p.getProtocol()),
                                p.getPort(),
                                Optional.ofNullable(p.getAppProtocol())))
                        .toList(),
                // the API gives null back for the empty list
                Slices.endpoints(slice).stream()
                        .map(e -> new Endpoint(
                                Addresses.parse(e.getAddresses().getFirst()),
                                Optional.ofNullable(e.getHostname()),
                                Boolean.TRUE.equals(e.getConditions().getReady()),
                                Boolean.TRUE.equals(e.getConditions().getServing()),
                                Boolean.TRUE.equals(e.getConditions().getTerminating())))
                        .toList());
    }
}
