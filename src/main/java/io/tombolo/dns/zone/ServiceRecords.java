package io.tombolo.dns.zone;

import io.tombolo.dns.zone.ImportedService.Endpoint;
import io.tombolo.dns.zone.ImportedService.Port;
import io.tombolo.net.Addresses;
import java.io.ByteArrayOutputStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The names that follow from one imported service. A service that owns no record does not exist (NXDOMAIN). */
final class ServiceRecords {
    private static final Comparator<Endpoint> ORDER =
            Comparator.comparing(Endpoint::cluster).thenComparing(e -> Addresses.text(e.address()));

    private final Name owner;
    private final List<Srv> all = new ArrayList<>();
    private final Map<String, Map<String, List<Srv>>> byProtocolAndPort = new TreeMap<>();
    private final Set<Target> seen = new HashSet<>();

    private ServiceRecords(Name owner) {
        this.owner = owner;
    }

    /**
     * The node of {@code service} and everything below it.
     *
     * @param owner {@code <svc>.<ns>.svc.<zone>}
     * @param live whether a cluster can be reached
     */
    static Optional<Node> of(ImportedService service, Name owner, Predicate<String> live) {
        ServiceRecords records = new ServiceRecords(owner);
        return service.headless() ? records.headless(service, live) : records.clusterSetIp(service);
    }

    /** ClusterSetIP services have no names of clusters or endpoints below them (MCS DNS specification 2.3.4). */
    private Optional<Node> clusterSetIp(ImportedService service) {
        if (service.ips().isEmpty()) {
            return Optional.empty();
        }
        Node addresses = node(service.ips());
        for (Port port : service.ports()) {
            add(port, owner, addresses);
        }
        return Optional.of(addresses.withServices(all).withChildren(protocols()));
    }

    /** Every ready endpoint of a live cluster, under its own name as well. */
    private Optional<Node> headless(ImportedService service, Predicate<String> live) {
        List<Endpoint> endpoints = service.endpoints().stream()
                .filter(e -> e.ready() && Name.isLabel(e.cluster()) && live.test(e.cluster()))
                .sorted(ORDER)
                .toList();
        if (endpoints.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Map<String, Set<InetAddress>>> hosts = new TreeMap<>();
        for (Endpoint endpoint : endpoints) {
            if (fits(endpoint)) {
                hosts.computeIfAbsent(endpoint.cluster(), c -> new TreeMap<>())
                        .computeIfAbsent(host(endpoint), h -> new LinkedHashSet<>())
                        .add(endpoint.address());
            }
        }
        Map<String, Node> children = new LinkedHashMap<>();
        hosts.forEach((cluster, names) -> {
            Map<String, Node> nodes = new LinkedHashMap<>();
            names.forEach((host, addresses) -> nodes.put(host, node(addresses)));
            children.put(cluster, Node.emptyNonTerminal(nodes));
        });
        for (Endpoint endpoint : endpoints) {
            Node cluster = children.get(endpoint.cluster());
            Node node = cluster == null ? null : cluster.child(host(endpoint));
            if (node != null) {
                Name target = owner.child(endpoint.cluster()).child(host(endpoint));
                endpoint.ports().forEach(port -> add(port, target, node));
            }
        }
        all.sort(Comparator.comparing(srv -> srv.target().toString())); // one target's records together
        protocols().forEach(children::putIfAbsent);
        Set<InetAddress> distinct = new LinkedHashSet<>();
        endpoints.forEach(e -> distinct.add(e.address()));
        return Optional.of(node(distinct).withServices(all).withChildren(children));
    }

    /** An unnamed port has no SRV record; a name of 63 characters has none of the form {@code _port._proto}. */
    private void add(Port port, Name target, Node addresses) {
        if (port.name().isEmpty()) {
            return;
        }
        Srv srv = new Srv(port.port(), target, addresses);
        if (seen.add(new Target("", port.port(), target))) {
            all.add(srv);
        }
        String portLabel = "_" + port.name().toLowerCase(Locale.ROOT);
        String protocol = "_" + port.transport().name().toLowerCase(Locale.ROOT);
        if (Name.isLabel(portLabel) && seen.add(new Target(portLabel + "." + protocol, port.port(), target))) {
            byProtocolAndPort
                    .computeIfAbsent(protocol, p -> new TreeMap<>())
                    .computeIfAbsent(portLabel, p -> new ArrayList<>())
                    .add(srv);
        }
    }

    private Map<String, Node> protocols() {
        Map<String, Node> nodes = new LinkedHashMap<>();
        byProtocolAndPort.forEach((protocol, ports) -> {
            Map<String, Node> portNodes = new LinkedHashMap<>();
            ports.forEach((port, services) ->
                    portNodes.put(port, Node.emptyNonTerminal(Map.of()).withServices(services)));
            nodes.put(protocol, Node.emptyNonTerminal(portNodes));
        });
        return nodes;
    }

    /** Four labels of 63 bytes and the zone are more than a name can hold: such an endpoint has no name of its own. */
    private boolean fits(Endpoint endpoint) {
        return owner.length() + endpoint.cluster().length() + host(endpoint).length() + 2 <= Name.MAX_LENGTH;
    }

    /** The hostname where it is a label; else the address with dots or colons as dashes. */
    private static String host(Endpoint endpoint) {
        return endpoint.hostname()
                .filter(Name::isLabel)
                .map(h -> h.toLowerCase(Locale.ROOT))
                .orElseGet(() -> dashed(endpoint.address()));
    }

    /** The canonical form is unique, and so is this. */
    private static String dashed(InetAddress address) {
        return Addresses.text(address).replace('.', '-').replace(':', '-');
    }

    static Node node(Iterable<InetAddress> addresses) {
        ByteArrayOutputStream ipv4 = new ByteArrayOutputStream();
        ByteArrayOutputStream ipv6 = new ByteArrayOutputStream();
        for (InetAddress address : addresses) {
            (address instanceof Inet4Address ? ipv4 : ipv6).writeBytes(address.getAddress());
        }
        return Node.addresses(ipv4.toByteArray(), ipv6.toByteArray());
    }

    /** @param under the name that owns the record, below the service; empty: the service itself */
    private record Target(String under, int port, Name name) {}
}
