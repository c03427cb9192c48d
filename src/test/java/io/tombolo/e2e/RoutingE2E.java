package io.tombolo.e2e;

import static io.tombolo.e2e.RoutedClusters.ADMIN;
import static io.tombolo.e2e.RoutedClusters.HTTP;
import static io.tombolo.e2e.RoutedClusters.NAMESPACE;
import static io.tombolo.e2e.RoutedClusters.ports;
import static io.tombolo.e2e.RoutedService.FEW;
import static io.tombolo.e2e.RoutedService.MANY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.GlobalServiceStatus;
import io.tombolo.kube.Conditions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How a GlobalService spreads traffic, row by row, as a client in west measures it. On the project's own lab. */
@ExtendWith(RoutedClusters.Extension.class)
final class RoutingE2E {
    private final RoutedClusters clusters;

    RoutingE2E(RoutedClusters clusters) {
        this.clusters = clusters;
    }

    @Test
    void balancedAndAPlainExportGoToAllEndpointsAlike() {
        RoutedService web = clusters.web();
        web.route("{strategy: Balanced}", "east 20%, north 30%, west 50%");
        web.assertShares("Balanced", FEW);
        for (Cluster cluster : clusters.all()) {
            RoutedClusters.service(cluster, NAMESPACE, "plain", ports(HTTP));
            RoutedClusters.export(cluster, NAMESPACE, "plain");
        }
        RoutedService plain = new RoutedService(clusters, "plain");
        awaitAllStand(plain);
        plain.awaitStanding("http", 80);
        plain.assertShares("a plain ServiceExport", FEW, Map.of("east", 20, "north", 30, "west", 50));
    }

    @Test
    void localFirstStaysHereAndComesBackWithinASecond() throws IOException {
        RoutedService web = clusters.web();
        web.route("{strategy: LocalFirst}", "west 100%");
        web.assertShares("LocalFirst, west ready", FEW);
        RoutedClusters.ready(clusters.west(), 0);
        try {
            web.awaitReceiving("east 40%, north 60%");
            web.assertShares("LocalFirst, nobody ready in west", FEW);
            double away = away(web.address());
            System.out.printf("routing, LocalFirst: back in west %.2f s after its first pod is ready%n", away);
            assertTrue(away <= 1, () -> "back after " + away + " s");
        } finally {
            RoutedClusters.ready(clusters.west(), 5);
        }
    }

    /** Seconds from when a pod in west is ready to the start of the last connection that another cluster answers. */
    private double away(String address) throws IOException {
        try (ExecWatch watch = clusters.start("/programs/connections", "watch", address, "80", "3")) {
            BufferedReader seen = reader(watch);
            assertFalse(Objects.requireNonNull(seen.readLine()).contains(" west-"));
            String first = RoutedClusters.pod(clusters.west(), 0);
            RoutedClusters.gate(clusters.west(), NAMESPACE, first, true);
            // the kubelet's part is not what is measured
            var pods = clusters.west().client().pods().inNamespace(NAMESPACE);
            pods.withName(first).waitUntilReady(30, TimeUnit.SECONDS);
            double ready = Lab.uptime();
            List<String> lines = seen.lines().toList();
            assertTrue(lines.getLast().endsWith(" west-0"), lines::getLast);
            return lines.stream()
                    .filter(l -> !l.contains(" west-"))
                    .mapToDouble(l -> Double.parseDouble(l.split(" ", 2)[0]) - ready)
                    .max()
                    .orElse(0);
        }
    }

    @Test
    void localFirstIsDecidedForEachPort() {
        RoutedService service = clusters.everywhere("ports", ports(HTTP), ports(HTTP + ", " + ADMIN));
        service.address();
        Awaitility.await("who stands behind the second port")
                .atMost(LinkedClusters.SOON)
                .untilAsserted(() -> assertEquals(Set.of("north-0", "north-1", "north-2"), service.standing("admin")));
        service.awaitStanding("admin", 81);
        assertEquals(Set.of("west-0", "west-1", "west-2", "west-3", "west-4"), service.standing("http"));
        service.awaitStanding("http", 80);
        System.out.println("routing, LocalFirst by port:");
        service.status().forEach(c -> System.out.printf("    status: %s%n", RoutedService.text(c)));
    }

    @Test
    void weightedGivesTheSharesThatItReports() {
        RoutedService web = clusters.web();
        web.route(weights("west 80", "east 20"), "east 20%, west 80%");
        web.assertShares("Weighted west 80, east 20", MANY);
        assertEquals("Routed", routed(web).getReason());
        web.route(weights("west 50", "north 30", "east 20"), "east 20%, north 30%, west 50%");
        web.assertShares("Weighted west 50, north 30, east 20", MANY);
        // of 5 and 2 endpoints none make 20 to 80
        web.route(weights("west 20", "east 80"), "east 67%, west 33%");
        web.assertShares("Weighted west 20, east 80", MANY);
        assertEquals("WeightsApproximated", routed(web).getReason());
        System.out.printf("    %s%n", routed(web).getMessage());
    }

    @Test
    void orderedGoesToTheFirstThatIsReadyEnough() {
        RoutedService web = clusters.web();
        web.route("{strategy: Ordered, order: [west, north, east], minReadyPercent: 50}", "west 100%");
        web.assertShares("Ordered west, north, east; 5 of 5 ready in west", FEW);
        try {
            RoutedClusters.ready(clusters.west(), 2);
            web.awaitReceiving("north 100%");
            web.assertShares("Ordered, minReadyPercent 50, 2 of 5 ready in west", FEW);
            web.route("{strategy: Ordered, order: [west, north, east]}", "west 100%");
            RoutedClusters.ready(clusters.west(), 0);
            RoutedClusters.ready(clusters.north(), 0);
            web.awaitReceiving("east 100%");
            web.assertShares("Ordered, nobody ready in west and north", FEW);
        } finally {
            RoutedClusters.ready(clusters.north(), 3);
            RoutedClusters.ready(clusters.west(), 5);
        }
        web.awaitReceiving("west 100%");
    }

    @Test
    void othersTakeThePartOfADeadCluster() {
        RoutedService web = clusters.web();
        web.route(weights("west 50", "north 30", "east 20"), "east 20%, north 30%, west 50%");
        clusters.cutNorth();
        try {
            web.awaitReceiving("east 29%, west 71%");
            web.assertShares("Weighted west 50, north 30, east 20; north is dead", MANY);
            assertTrue(web.status().stream()
                    .anyMatch(c ->
                            c.cluster().equals("north") && c.state() == GlobalServiceStatus.ClusterState.UNREACHABLE));
            web.route("{strategy: Ordered, order: [north, east, west]}", "east 100%");
            web.assertShares("Ordered north, east, west; north is dead", FEW);
        } finally {
            clusters.heal();
        }
        web.awaitReceiving("north 100%");
    }

    @Test
    void whomFromClustersDoesNotNameCountsNeitherForEndpointsNorForTheShape() {
        RoutedService service = clusters.everywhere("from", ports(HTTP), ports(HTTP + ", " + ADMIN));
        assertShape(clusters.west(), "from", 2);
        RoutedClusters.route(
                clusters.west(), "from", "{import: {fromClusters: [east]}, routing: {strategy: Balanced}}");
        service.awaitReceiving("east 100%");
        service.assertShares("fromClusters [east]", FEW);
        assertShape(clusters.west(), "from", 1);
        assertEquals(
                List.of(
                        "east RECEIVING 2/2 100%: all ready endpoints receive alike",
                        "north EXCLUDED 3/3 0%: spec.import.fromClusters does not name it",
                        "west EXCLUDED 5/5 0%: spec.import.fromClusters does not name it"),
                service.status().stream().map(RoutedService::text).toList());
    }

    @Test
    void whomToClustersDoesNotNameImportsNothing() {
        RoutedClusters.route(clusters.north(), "to", "{export: {toClusters: [east]}}");
        RoutedService service = clusters.everywhere("to", ports(HTTP), ports(HTTP + ", " + ADMIN));
        service.route("{strategy: Balanced}", "east 29%, west 71%");
        service.assertShares("toClusters [east] in north", FEW);
        assertShape(clusters.west(), "to", 1);
        assertShape(clusters.east(), "to", 2);
    }

    private static void assertShape(Cluster cluster, String name, int ports) {
        Awaitility.await("the shape of " + name + " in " + cluster)
                .atMost(LinkedClusters.SOON)
                .untilAsserted(() -> {
                    ServiceImport found = cluster.client()
                            .resources(ServiceImport.class)
                            .inNamespace(NAMESPACE)
                            .withName(name)
                            .get();
                    assertEquals(
                            ports, found == null ? 0 : found.getSpec().ports().size());
                });
    }

    @Test
    void clientIpAffinityIsKept() {
        String affine = ports(HTTP) + ", sessionAffinity: ClientIP";
        RoutedService sticky = clusters.everywhere("sticky", affine, affine);
        sticky.route("{strategy: Balanced}");
        awaitAllStand(sticky);
        LinkedClusters.await("an answer", () -> !sticky.count(80, 1).containsKey("-"));
        Map<String, Long> answered = sticky.count(80, 1000);
        System.out.printf("routing, ClientIP affinity: 1,000 connections: %s%n", answered);
        assertEquals(1, answered.size());
        assertFalse(answered.containsKey("-"));
    }

    @Test
    void anOpenConnectionOutlivesAChangeOfRouting() throws Exception {
        RoutedService web = clusters.web();
        web.route(weights("east 1"), "east 100%");
        try (ExecWatch watch = clusters.start("/programs/connections", "hold", web.address(), "80", "5")) {
            BufferedReader said = reader(watch);
            String pod = Objects.requireNonNull(said.readLine());
            assertTrue(pod.startsWith("east-"), pod);
            web.route(weights("north 1"), "north 100%");
            web.route(weights("west 1"), "west 100%");
            String report = said.readLine();
            System.out.printf("routing, a connection held to %s while the weights go elsewhere: %s%n", pod, report);
            assertEquals(0, watch.exitCode().get(10, TimeUnit.SECONDS), "status of the client");
            assertTrue(Objects.requireNonNull(report).startsWith("echoed "), report);
        }
    }

    private void awaitAllStand(RoutedService service) {
        service.address();
        Awaitility.await("ten endpoints")
                .atMost(LinkedClusters.SOON)
                .until(() -> service.standing("http").size() == 10);
    }

    /** @param each such as {@code west 80} */
    static String weights(String... each) {
        return "{strategy: Weighted, weights: ["
                + Arrays.stream(each)
                        .map(w -> "{cluster: " + w.replace(" ", ", weight: ") + "}")
                        .collect(Collectors.joining(", "))
                + "]}";
    }

    private static Condition routed(RoutedService service) {
        return Objects.requireNonNull(Conditions.find(
                Objects.requireNonNull(service.global().getStatus()).conditions(), "Routed"));
    }

    private static BufferedReader reader(ExecWatch watch) {
        return new BufferedReader(new InputStreamReader(watch.getOutput(), StandardCharsets.UTF_8));
    }
}
