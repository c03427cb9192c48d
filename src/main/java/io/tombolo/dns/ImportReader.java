package io.tombolo.dns;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.dns.zone.ImportedService;
import io.tombolo.dns.zone.ImportedService.Endpoint;
import io.tombolo.dns.zone.ImportedService.Port;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A ServiceImport and its EndpointSlices as the zone sees them. What cannot be read is left out; the rest is served. */
final class ImportReader {
    private ImportReader() {}

    static ImportedService read(ServiceImport object, List<EndpointSlice> slices) {
        NamespacedName name = ObjectNames.of(object);
        ServiceImport.@Nullable Spec spec = object.getSpec();
        if (spec == null) {
            return new ImportedService(name, false, List.of(), List.of(), List.of());
        }
        boolean headless = "Headless".equals(spec.type());
        return new ImportedService(
                name,
                headless,
                headless ? List.of() : addresses(orEmpty(spec.ips())),
                orEmpty(spec.ports()).stream()
                        .flatMap(p -> port(p.name(), p.protocol(), p.port()).stream())
                        .toList(),
                headless ? endpoints(slices) : List.of());
    }

    private static List<Endpoint> endpoints(List<EndpointSlice> slices) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (EndpointSlice slice : slices) {
            String cluster = orEmpty(slice.getMetadata().getLabels()).get(ObjectNames.MCS_CLUSTER_LABEL);
            if (cluster == null) {
                continue;
            }
            List<Port> ports = ports(orEmpty(slice.getPorts()));
            for (io.fabric8.kubernetes.api.model.discovery.v1.Endpoint endpoint : orEmpty(slice.getEndpoints())) {
                boolean ready = endpoint.getConditions() == null
                        || !Boolean.FALSE.equals(endpoint.getConditions().getReady());
                Optional<String> hostname = Optional.ofNullable(endpoint.getHostname());
                for (InetAddress address : addresses(orEmpty(endpoint.getAddresses()))) {
                    endpoints.add(new Endpoint(cluster, address, hostname, ready, ports));
                }
            }
        }
        return endpoints;
    }

    private static List<Port> ports(List<EndpointPort> ports) {
        List<Port> read = new ArrayList<>();
        for (EndpointPort port : ports) {
            if (port.getPort() != null) {
                port(port.getName(), port.getProtocol(), port.getPort()).ifPresent(read::add);
            }
        }
        return List.copyOf(read);
    }

    private static Optional<Port> port(@Nullable String name, @Nullable String protocol, int port) {
        for (Transport transport : Transport.values()) {
            if (transport.name().equals(Objects.requireNonNullElse(protocol, "TCP")) && port >= 1 && port <= 65535) {
                return Optional.of(new Port(Objects.requireNonNullElse(name, ""), transport, port));
            }
        }
        return Optional.empty();
    }

    static List<InetAddress> addresses(List<String> texts) {
        List<InetAddress> addresses = new ArrayList<>(texts.size());
        for (String text : texts) {
            try {
                addresses.add(Addresses.parse(text));
            } catch (IllegalArgumentException e) {
                // a name or a malformed address has no A record; the schema of who wrote it says so where it matters
                continue;
            }
        }
        return addresses;
    }

    static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
