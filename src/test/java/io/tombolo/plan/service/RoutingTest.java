package io.tombolo.plan.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who receives traffic, as seen from west; see {@link Exports} for how worlds are written. */
class RoutingTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # LocalFirst: here while one is ready here, else everywhere else
            LocalFirst | west 1/3, east 5/5            | west 1 100%
            LocalFirst | west 0/3, east 5/5, north 1/2 | east 5 83%, north 1 17%
            LocalFirst | east 5/5, north 1/2           | east 5 83%, north 1 17%
            LocalFirst | west 0/3, east 5/5 dead, north 1/2 | north 1 100%
            LocalFirst | west 0/3, east 0/5            |
            # per port
            LocalFirst | west http:2/2 admin:0/2, east http:3/3 admin:3/3 | east admin 3, west http 2
            LocalFirst | west http:2/2, east admin:3/3                    | east admin 3, west http 2
            # Balanced
            Balanced | west 1/3, east 5/5, north 4/4      | east 5 50%, north 4 40%, west 1 10%
            Balanced | west 1/3, east 5/5 dead, north 4/4 | north 4 80%, west 1 20%
            Balanced | west 1/3, east 5/5 vetoed          | west 1 100%
            # Weighted: as many endpoints as keep the shares within a point
            Weighted west 80 east 20 | west 4/4, east 4/4     | east 1 20%, west 4 80%
            Weighted west 80 east 20 | west 10/10, east 10/10 | east 2 20%, west 8 80%
            Weighted west 1 east 1   | west 10/10, east 10/10 | east 10 50%, west 10 50%
            Weighted west 1 east 1   | west 10/10, east 1/1   | east 1 50%, west 1 50%
            Weighted west 80 east 20 | west 1/1, east 1/1     | west 1 100%
            Weighted west 60 east 40 | west 1/1, east 1/1     | east 1 50%, west 1 50%
            Weighted west 60 east 40 | west 300/300, east 300/300 | east 200 40%, west 300 60%
            Weighted west 60 east 40 | west 3/9, east 2/9+3   | east 2 40%, west 3 60%
            # ten thousand endpoints of one give it no more than its weight (T7)
            Weighted west 80 east 20 | west 4/4, east 10000/10000          | east 1 20%, west 4 80%
            # the share of who is dead, or has nobody ready, goes to the others in proportion
            Weighted west 50 east 30 north 20 | west 5/5, east 3/3, north 2/2      | east 3 30%, north 2 20%, west 5 50%
            Weighted west 50 east 30 north 20 | west 5/5 dead, east 3/3, north 2/2 | east 3 60%, north 2 40%
            Weighted west 50 east 30 north 20 | west 0/5, east 3/3, north 2/2      | east 3 60%, north 2 40%
            Weighted west 50 east 30 north 20 | east 3/3, north 2/2                | east 3 60%, north 2 40%
            # no weight, no traffic, whatever happens to the others
            Weighted west 1 east 0   | west 2/2, east 2/2, north 2/2 | west 2 100%
            Weighted west 1 east 0   | west 0/2, east 2/2, north 2/2 |
            # Ordered
            Ordered 1 west north east  | west 1/3, north 2/2, east 2/2      | west 1 100%
            Ordered 1 west north east  | west 0/3, north 2/2, east 2/2      | north 2 100%
            Ordered 1 west north east  | west 0/3, north 2/2 dead, east 2/2 | east 2 100%
            Ordered 1 north east       | west 3/3                           |
            Ordered 50 west north east | west 1/3, north 2/2, east 2/2      | north 2 100%
            Ordered 50 west north east | west 1/2, north 2/2, east 2/2      | west 1 100%
            # what terminates is no endpoint of which half must be ready
            Ordered 50 west north east | west 1/2+8, north 2/2              | west 1 100%
            # nobody is ready enough: better the first that is ready at all
            Ordered 50 west north east | west 0/3, north 1/3, east 1/3      | north 1 100%
            Ordered 1 north west       | west http:2/2 admin:2/2, north http:1/1 admin:0/1 | north http 1, west admin 2
            """)
    void goesWhereTheStrategySays(String strategy, String world, String receiving) {
        ServicePlan plan = ServicePlanner.plan(Exports.view(world, Exports.routing(strategy)));
        assertEquals(receiving == null ? "" : receiving, Exports.receiving(plan));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LocalFirst | west 1/3, east 2/2, north 1/1 dead | east STANDBY endpoints of this cluster come first; north UNREACHABLE no gateway of it answers; west RECEIVING endpoints of this cluster come first
            LocalFirst | west 0/3, east 2/2 | east RECEIVING no endpoint of this cluster is ready; west NO_ENDPOINTS no endpoint of it is ready
            LocalFirst | west http:1/1 admin:0/1, east admin:2/2 | east RECEIVING no endpoint of this cluster is ready (on 1 of 2 ports); west RECEIVING endpoints of this cluster come first (on 1 of 2 ports)
            Balanced | west 1/3, east 2/2 vetoed | east EXCLUDED sharing does not let its exports into this namespace; west RECEIVING all ready endpoints receive alike
            Weighted west 80 east 20 | west 1/1, east 1/1, north 1/1 | east STANDBY its weight is 20, which is nearer to no endpoint than to one among so few; north STANDBY it has no weight; west RECEIVING its weight is 80
            Ordered 50 west east | west 1/3, east 2/2, north 1/1 | east RECEIVING the first of the order with 50% of its endpoints ready; north STANDBY spec.routing.order does not name it; west STANDBY less than 50% of its endpoints are ready
            Ordered 50 west east | west 1/3, east 1/9 | east STANDBY less than 50% of its endpoints are ready; west RECEIVING the first of the order with a ready endpoint; none has 50% ready
            Ordered 1 west east | west 1/3, east 1/9 | east STANDBY another cluster comes before it in the order; west RECEIVING the first of the order with 1% of its endpoints ready
            """)
    void saysOfEachClusterWhatItDoesAndWhy(String strategy, String world, String clusters) {
        ServicePlan plan = ServicePlanner.plan(Exports.view(world, Exports.routing(strategy)));
        assertEquals(
                clusters,
                plan.clusters().stream()
                        .map(c -> c.cluster() + " " + c.state() + " " + c.why())
                        .collect(Collectors.joining("; ")));
    }

    @Test
    void countsEachEndpointOnceWhateverItsPorts() {
        ServicePlan plan = ServicePlanner.plan(
                Exports.view("west http:1/3 admin:2/3, east http:3/3 admin:3/3", Exports.routing("Balanced")));
        assertEquals(
                List.of("east 3/3 67%", "west 2/3 33%"),
                plan.clusters().stream()
                        .map(c -> c.cluster() + " " + c.ready() + "/" + c.endpoints() + " " + c.sharePercent() + "%")
                        .toList());
    }

    @Test
    void whoIsNotImportedFromCountsForNothing() {
        ServicePlan plan = ServicePlanner.plan(Exports.view(
                "north headless admin:9/9, west 1/1, east 2/2 affine", Exports.routing("Balanced", "west", "east")));
        assertEquals("east 2 67%, west 1 33%", Exports.receiving(plan));
        assertEquals(List.of(ConflictReason.SESSION_AFFINITY), plan.conflicts());
        assertEquals(
                List.of("http"),
                plan.serviceImport().orElseThrow().ports().stream()
                        .map(ExportedService.Port::name)
                        .toList());
        assertEquals(
                new ServicePlan.Participation(
                        new io.tombolo.net.ClusterId("north"),
                        ServicePlan.State.EXCLUDED,
                        9,
                        9,
                        0,
                        "spec.import.fromClusters does not name it"),
                plan.clusters().get(1));
    }

    @Test
    void saysWhenSharesAreMoreThanThreePointsOffTheirWeights() {
        assertEquals(
                List.of(Finding.of(
                        Problem.WEIGHTS_APPROXIMATED,
                        "spec.routing.weights",
                        "port http: asked: east 20%, west 80%; given: east 0%, west 100%")),
                findings("Weighted west 80 east 20", "west 1/1, east 1/1"));
        assertEquals(List.of(), findings("Weighted west 80 east 20", "west 4/4, east 1/1"));
        // 3 of 4 is 75%, less than 3 points off 77%
        assertEquals(List.of(), findings("Weighted west 77 east 23", "west 3/3, east 1/1"));
        // a dead cluster's part is nobody's fault
        assertEquals(List.of(), findings("Weighted west 80 east 20", "west 4/4, east 1/1 dead"));
    }

    @Test
    void sendsEverybodyWhereSomethingMayServeWhileNobodyIsReady() {
        for (String strategy : List.of("LocalFirst", "Balanced", "Weighted west 1 east 1", "Ordered 1 west east")) {
            ServicePlan plan = ServicePlanner.plan(Exports.view("west 0/0+2, east 0/1", Exports.routing(strategy)));
            assertEquals(
                    List.of("east", "west"),
                    plan.slices().stream()
                            .filter(s -> s.kind() == ServicePlan.SliceKind.RECEIVING)
                            .map(s -> s.source().value())
                            .sorted()
                            .toList(),
                    strategy);
            assertTrue(plan.clusters().stream().allMatch(c -> c.state() == ServicePlan.State.NO_ENDPOINTS));
        }
    }

    private static List<Finding> findings(String strategy, String world) {
        return ServicePlanner.plan(Exports.view(world, Exports.routing(strategy)))
                .findings();
    }
}
