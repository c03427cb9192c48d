package io.tombolo.plan.service;

import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Worlds of {@code shop/web}, seen from west, in a line: {@code west 2/3, east 0/1+4 dead} is three endpoints in west of
 * which two are ready, and in dead east one that is not and four that terminate. West is 10.42.0.0/16, east 10.52,
 * north 10.62; the order in which they stand is the age of their exports. {@code http:1/1 admin:0/1} has a group for
 * each port, {@code http&admin:1/1} one for both; without a name it is {@code http}, 80.
 */
public final class Exports {
    public static final NamespacedName WEB = new NamespacedName("shop", "web");
    public static final ClusterId WEST = new ClusterId("west");

    private static final Pattern POOL = Pattern.compile("(?:([\\w&]+):)?(\\d+)/(\\d+)(?:\\+(\\d+))?");

    private Exports() {}

    public static ServiceView view(String world, Routing routing) {
        return view(parse(world), routing);
    }

    public static ServiceView view(List<Export> exports, Routing routing) {
        return new ServiceView(
                WEST, WEB, exports, routing, true, List.of("IPv4"), List.of(Addresses.parse("10.96.0.7")));
    }

    public static List<Export> parse(String world) {
        List<Export> exports = new ArrayList<>();
        for (String text : world.split(", *")) {
            List<String> words = new ArrayList<>(Arrays.asList(text.split(" ")));
            ClusterId cluster = new ClusterId(words.removeFirst());
            boolean live = !words.remove("dead");
            boolean shared = !words.remove("vetoed");
            boolean headless = words.remove("headless");
            boolean affine = words.remove("affine");
            List<Port> ports = new ArrayList<>();
            List<EndpointGroup> groups = new ArrayList<>();
            for (String pool : words) {
                Matcher matcher = POOL.matcher(pool);
                if (!matcher.matches()) {
                    throw new IllegalArgumentException(pool);
                }
                List<EndpointPort> targets = new ArrayList<>();
                for (String name :
                        Optional.ofNullable(matcher.group(1)).orElse("http").split("&")) {
                    ports.add(new Port(name, Transport.TCP, number(name), Optional.empty()));
                    targets.add(new EndpointPort(name, Transport.TCP, 8000 + number(name), Optional.empty()));
                }
                groups.add(new EndpointGroup(
                        false,
                        targets,
                        pods(
                                cluster,
                                Integer.parseInt(matcher.group(2)),
                                Integer.parseInt(matcher.group(3)),
                                matcher.group(4) == null ? 0 : Integer.parseInt(matcher.group(4)))));
            }
            exports.add(new Export(cluster, service(exports.size(), headless, affine, ports, groups), live, shared));
        }
        return exports;
    }

    static ExportedService service(
            int age, boolean headless, boolean affine, List<Port> ports, List<EndpointGroup> groups) {
        return new ExportedService(
                WEB,
                Instant.ofEpochSecond(1_700_000_000 + age),
                headless,
                ports,
                List.of("IPv4"),
                affine ? SessionAffinity.CLIENT_IP : SessionAffinity.NONE,
                affine ? OptionalInt.of(600) : OptionalInt.empty(),
                "Cluster",
                Optional.empty(),
                Map.of(),
                Map.of(),
                List.of(),
                groups);
    }

    private static int number(String port) {
        return port.equals("http") ? 80 : 9090;
    }

    private static int secondByte(ClusterId cluster) {
        return switch (cluster.value()) {
            case "west" -> 42;
            case "east" -> 52;
            default -> 62;
        };
    }

    private static List<Endpoint> pods(ClusterId cluster, int ready, int staying, int terminating) {
        List<Endpoint> pods = new ArrayList<>();
        for (int i = 0; i < staying + terminating; i++) {
            pods.add(new Endpoint(
                    Addresses.parse("10." + secondByte(cluster) + "." + i / 250 + "." + (i % 250 + 1)),
                    Optional.empty(),
                    i < ready,
                    i < ready || i >= staying,
                    i >= staying));
        }
        return pods;
    }

    /** {@code LocalFirst}, {@code Balanced}, {@code Weighted west 80 east 20}, {@code Ordered 50 west north}. */
    public static Routing routing(String text, String... fromClusters) {
        List<String> words = new ArrayList<>(Arrays.asList(text.split(" ")));
        Routing.Strategy strategy =
                switch (words.removeFirst()) {
                    case "LocalFirst" -> new Routing.LocalFirst();
                    case "Balanced" -> new Routing.Balanced();
                    case "Ordered" ->
                        new Routing.Ordered(
                                words.stream().skip(1).map(ClusterId::new).toList(),
                                Integer.parseInt(words.getFirst()));
                    case "Weighted" -> {
                        SortedMap<ClusterId, Integer> weights = new TreeMap<>();
                        for (int i = 0; i < words.size(); i += 2) {
                            weights.put(new ClusterId(words.get(i)), Integer.parseInt(words.get(i + 1)));
                        }
                        yield new Routing.Weighted(weights);
                    }
                    default -> throw new IllegalArgumentException(text);
                };
        return new Routing(
                strategy, Arrays.stream(fromClusters).map(ClusterId::new).toList());
    }

    /** Ready endpoints behind the service's address: {@code east 1 20%, west 4 80%}; with several ports, for each. */
    static String receiving(ServicePlan plan) {
        SortedMap<String, Long> ready = new TreeMap<>();
        for (ServicePlan.Slice slice : plan.slices()) {
            if (slice.kind() == ServicePlan.SliceKind.RECEIVING) {
                long own = slice.endpoints().stream().filter(Endpoint::ready).count();
                slice.ports().forEach(p -> ready.merge(slice.source() + " " + p.name(), own, Long::sum));
            }
        }
        ready.values().removeIf(count -> count == 0);
        Map<String, Integer> shares = new TreeMap<>();
        plan.clusters().forEach(c -> shares.put(c.cluster().value(), c.sharePercent()));
        boolean onePort = ready.keySet().stream().noneMatch(key -> key.endsWith(" admin"));
        return ready.entrySet().stream()
                .map(e -> {
                    String cluster = e.getKey().split(" ")[0];
                    return onePort
                            ? cluster + " " + e.getValue() + " " + shares.get(cluster) + "%"
                            : e.getKey() + " " + e.getValue();
                })
                .collect(Collectors.joining(", "));
    }
}
