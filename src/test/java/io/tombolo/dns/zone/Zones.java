package io.tombolo.dns.zone;

import io.tombolo.dns.zone.ImportedService.Endpoint;
import io.tombolo.dns.zone.ImportedService.Port;
import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Zones that tests ask about. */
public final class Zones {
    public static final Port HTTP = new Port("http", Transport.TCP, 80);

    private Zones() {}

    /** {@code web} and {@code dual} with a clusterset IP, headless {@code db}, all in {@code shop}; dead cluster north. */
    public static Zone shop() {
        return of(
                clusterSetIp("shop", "web", List.of("10.43.0.10"), HTTP, new Port("", Transport.TCP, 81)),
                clusterSetIp(
                        "shop",
                        "dual",
                        List.of("10.43.0.11", "fd43::11"),
                        new Port("dns", Transport.UDP, 53),
                        new Port("dns-tcp", Transport.TCP, 53)),
                headless(
                        "shop",
                        "db",
                        endpoint("east", "10.52.1.2", "db-0"),
                        endpoint("east", "10.52.1.3", ""),
                        endpoint("west", "fd42::7", "db-0"),
                        endpoint("north", "10.62.0.1", "db-9"),
                        new Endpoint("east", Addresses.parse("10.52.1.9"), Optional.of("db-1"), false, List.of(HTTP))),
                headless("shop", "gone", endpoint("north", "10.62.0.2", "gone-0")));
    }

    public static Zone of(ImportedService... services) {
        Map<NamespacedName, Optional<ImportedService>> changes = new HashMap<>();
        for (ImportedService service : services) {
            changes.put(service.name(), Optional.of(service));
        }
        return Zone.empty(5, 7, List.of(Addresses.parse("10.43.0.53")))
                .with(changes, cluster -> !cluster.equals("north"), 8);
    }

    public static ImportedService clusterSetIp(String namespace, String name, List<String> ips, Port... ports) {
        List<InetAddress> addresses = ips.stream().map(Addresses::parse).toList();
        return new ImportedService(new NamespacedName(namespace, name), false, addresses, List.of(ports), List.of());
    }

    public static ImportedService headless(String namespace, String name, Endpoint... endpoints) {
        return new ImportedService(new NamespacedName(namespace, name), true, List.of(), List.of(), List.of(endpoints));
    }

    public static Endpoint endpoint(String cluster, String address, String hostname) {
        return new Endpoint(
                cluster,
                Addresses.parse(address),
                Optional.of(hostname).filter(h -> !h.isEmpty()),
                true,
                List.of(HTTP));
    }

    /** Which of {@code candidates} exist in {@code namespace}. */
    public static Set<String> services(Zone zone, String namespace, List<String> candidates) {
        Node svc = zone.apex().child("svc");
        Node found = svc == null ? null : svc.child(namespace);
        return found == null
                ? Set.of()
                : candidates.stream().filter(name -> found.child(name) != null).collect(Collectors.toSet());
    }

    /** A headless service {@code many} in {@code shop} with {@code count} endpoints in east, 10.52.0.1 and up. */
    public static Zone many(int count) {
        return of(headless(
                "shop",
                "many",
                IntStream.rangeClosed(1, count)
                        .mapToObj(i -> endpoint("east", "10.52." + i / 256 + "." + i % 256, "many-" + i))
                        .toArray(Endpoint[]::new)));
    }
}
