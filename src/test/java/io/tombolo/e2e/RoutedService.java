package io.tombolo.e2e;

import static io.tombolo.e2e.RoutedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.GlobalServiceStatus;
import io.tombolo.kube.Slices;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.Names;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A service as it is in west: what its status says, who stands behind its address, and who answers the client there. */
final class RoutedService {
    static final int PORT = 80;

    /** A share of so many is within 2 points of the true one 9,999 times in 10,000. */
    static final int MANY = 10_000;

    /** A share of so many is within 5 points of the true one 9,999 times in 10,000. */
    static final int FEW = 1_500;

    /** Percent: where a port of the client's comes again within 10 s, the kernel may still lead it where it led before. */
    private static final double REMEMBERED = 0.2;

    private final RoutedClusters clusters;
    private final String name;
    private @Nullable String address;

    RoutedService(RoutedClusters clusters, String name) {
        this.clusters = clusters;
        this.name = name;
    }

    /** Its address, of which the cluster's own DNS must know. */
    String address() {
        if (address == null) {
            String host = name + "." + NAMESPACE + ".svc.clusterset.local";
            address = Awaitility.await("the name " + host)
                    .atMost(LinkedClusters.SOON)
                    .until(() -> clusters.ask("dig", "+short", "+time=2", host), answer -> !answer.isEmpty());
        }
        return address;
    }

    /** @param routing of its GlobalService in west, in braces */
    void route(String routing) {
        RoutedClusters.route(clusters.west(), name, "{routing: " + routing + "}");
    }

    /** Sets the routing, and waits until the status says so and kube-proxy does so. */
    void route(String routing, String receiving) {
        route(routing);
        awaitReceiving(receiving);
    }

    /**
     * Waits until the status says so and kube-proxy does so.
     *
     * @param receiving such as {@code east 20%, west 80%}
     */
    void awaitReceiving(String receiving) {
        Awaitility.await("who receives " + name)
                .atMost(LinkedClusters.SOON)
                .untilAsserted(() -> assertEquals(
                        receiving,
                        status().stream()
                                .filter(c -> c.state() == GlobalServiceStatus.ClusterState.RECEIVING)
                                .map(c -> c.cluster() + " " + c.sharePercent() + "%")
                                .collect(Collectors.joining(", "))));
        awaitStanding("http", PORT);
    }

    /** Waits until those who answer are those whose endpoints stand behind the address. */
    void awaitStanding(String portName, int port) {
        Awaitility.await("who answers for " + name)
                .atMost(LinkedClusters.SOON)
                .untilAsserted(
                        () -> assertEquals(standing(portName), count(port, 100).keySet()));
    }

    /** Pods of whom an endpoint with this port stands ready behind the address. */
    Set<String> standing(String portName) {
        Set<String> standing = new TreeSet<>();
        for (EndpointSlice slice : clusters.west()
                .client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withLabel("kubernetes.io/service-name", Names.derivedService(new NamespacedName(NAMESPACE, name)))
                .list()
                .getItems()) {
            if (Slices.ports(slice).stream().anyMatch(p -> portName.equals(p.getName()))) {
                Slices.endpoints(slice).stream()
                        .filter(e -> Boolean.TRUE.equals(e.getConditions().getReady()))
                        .forEach(e ->
                                standing.add(clusters.podAt(e.getAddresses().getFirst())));
            }
        }
        return standing;
    }

    List<GlobalServiceStatus.Cluster> status() {
        GlobalServiceStatus status = global().getStatus();
        return status == null ? List.of() : Objects.requireNonNullElse(status.clusters(), List.of());
    }

    GlobalService global() {
        return clusters.west()
                .client()
                .resources(GlobalService.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .require();
    }

    /** As people read it: {@code east Standby 2/2 0%}, with why. */
    static String text(GlobalServiceStatus.Cluster cluster) {
        return "%s %s %d/%d %d%%: %s"
                .formatted(
                        cluster.cluster(),
                        cluster.state(),
                        cluster.ready(),
                        cluster.endpoints(),
                        cluster.sharePercent(),
                        cluster.message());
    }

    /**
     * Asks, prints who answered beside what the status says, and holds them against each other.
     *
     * @param row what is shown, for who reads the output
     * @param number of connections, {@link #MANY} or {@link #FEW}
     */
    void assertShares(String row, int number) {
        Map<String, Integer> said = new TreeMap<>();
        status().forEach(c -> said.put(c.cluster(), Objects.requireNonNullElse(c.sharePercent(), 0)));
        assertShares(row, number, said);
        status().forEach(c -> System.out.printf("    status: %s%n", text(c)));
    }

    /** @param shares of clusters, in percent */
    void assertShares(String row, int number, Map<String, Integer> shares) {
        SortedMap<String, Double> measured = new TreeMap<>();
        count(PORT, number)
                .forEach((pod, answers) ->
                        measured.merge(pod.substring(0, pod.indexOf('-')), 100.0 * answers / number, Double::sum));
        System.out.printf(
                "routing, %s: %,d connections: %s%n",
                row,
                number,
                measured.entrySet().stream()
                        .map(e -> "%s %.2f%%".formatted(e.getKey(), e.getValue()))
                        .collect(Collectors.joining(", ")));
        Set<String> any = new TreeSet<>(shares.keySet());
        any.addAll(measured.keySet());
        for (String cluster : any) {
            int share = shares.getOrDefault(cluster, 0);
            double points = share == 0 ? REMEMBERED : number == MANY ? 2 : 5;
            assertEquals(
                    share, measured.getOrDefault(cluster, 0.0), points, () -> row + ": percent of '" + cluster + "'");
        }
    }

    /** @return how often each pod answered; {@code -} is nobody */
    SortedMap<String, Long> count(int port, int number) {
        String answers = clusters.ask(
                "/programs/connections", "count", address(), Integer.toString(port), Integer.toString(number));
        SortedMap<String, Long> counts = new TreeMap<>();
        answers.lines().map(l -> l.split(" ", 2)).forEach(l -> counts.put(l[0], Long.valueOf(l[1])));
        return counts;
    }
}
