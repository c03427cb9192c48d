package io.tombolo.plan.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Transport;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.plan.service.ServicePlan.Slice;
import io.tombolo.plan.service.ServicePlan.SliceKind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServicePlannerTest {
    private static final ClusterId EAST = new ClusterId("east");

    /** Worlds of {@link Exports}: the first is the oldest. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "none", textBlock = """
            west 1/1, east 1/1                     | http 80             |
            west 1/1, east admin:1/1               | admin 9090, http 80 | PortConflict
            east http:1/1 admin:1/1, west http:1/1 | admin 9090, http 80 | PortConflict
            west 1/1, east headless 1/1            | http 80             | TypeConflict
            west 1/1, east affine admin:1/1        | admin 9090, http 80 | PortConflict,SessionAffinityConflict
            west 1/1, east dead admin:1/1          | admin 9090, http 80 | PortConflict
            west 1/1, east vetoed admin:1/1        | http 80             |
            """)
    void makesOneShapeOfAllExports(String world, String ports, String conflicts) {
        ServicePlan plan = ServicePlanner.plan(Exports.view(world, Routing.PLAIN));
        assertEquals(
                ports,
                plan.serviceImport().orElseThrow().ports().stream()
                        .map(p -> p.name() + " " + p.port())
                        .collect(Collectors.joining(", ")));
        assertEquals(
                conflicts == null ? "" : conflicts,
                plan.conflicts().stream().map(ConflictReason::reason).collect(Collectors.joining(",")));
    }

    @Test
    void theOldestExportWinsAndOfTwoOfOneAgeTheLowerClusterId() {
        assertEquals(Optional.of(EAST), winner("east affine 1/1, west 1/1"));
        assertEquals(Optional.of(Exports.WEST), winner("west 1/1, east affine 1/1"));
        List<Export> sameAge = Exports.parse("west 1/1, east 1/1").stream()
                .map(e -> new Export(
                        e.cluster(),
                        Exports.service(
                                0,
                                false,
                                false,
                                e.service().ports(),
                                e.service().endpoints()),
                        true,
                        true))
                .toList();
        assertEquals(
                Optional.of(EAST),
                ServicePlanner.plan(Exports.view(sameAge, Routing.PLAIN)).winner());
    }

    /** East is the older, and lies; see also {@code ExportStatusApplierTest}. */
    @Test
    void t32AForgedAgeChangesNothingOfAServiceThatIsImportedFromOthersOnly() {
        String forged = "east headless affine admin:9/9, west http:1/1";
        ServicePlan honest = ServicePlanner.plan(Exports.view("west http:1/1", Exports.routing("Balanced", "west")));
        ServicePlan plan = ServicePlanner.plan(Exports.view(forged, Exports.routing("Balanced", "west")));
        assertEquals(honest.serviceImport(), plan.serviceImport());
        assertEquals(honest.derived(), plan.derived());
        assertEquals(honest.slices(), plan.slices());
        assertEquals(List.of(), plan.conflicts());
        assertEquals(Optional.of(Exports.WEST), plan.winner());
        assertEquals(
                Optional.of(EAST),
                ServicePlanner.plan(Exports.view(forged, Routing.PLAIN)).winner());
    }

    @Test
    void theDerivedServiceKeepsTheSessionAffinityWhateverTheStrategy() {
        for (String strategy : List.of("LocalFirst", "Balanced", "Weighted west 1 east 1", "Ordered 1 west east")) {
            ServicePlan plan =
                    ServicePlanner.plan(Exports.view("west affine 1/1, east affine 1/1", Exports.routing(strategy)));
            assertEquals(SessionAffinity.CLIENT_IP, plan.derived().orElseThrow().sessionAffinity());
            assertEquals(OptionalInt.of(600), plan.derived().orElseThrow().sessionAffinityTimeout());
        }
    }

    @Test
    void portsOfOneNameAndTwoNumbersReachOnlyTheirOwnCluster() {
        ServicePlan plan = ServicePlanner.plan(Exports.view(
                List.of(
                        exporter("west", new Port("tcp", Transport.TCP, 42, Optional.empty())),
                        exporter("east", new Port("tcp", Transport.TCP, 4242, Optional.empty()))),
                Routing.PLAIN));
        assertEquals(List.of("west tcp"), receiving(plan));
        assertEquals(
                2,
                plan.slices().stream()
                        .filter(s -> s.kind() == SliceKind.EXPORTED)
                        .count());
    }

    @Test
    void portsOfOneNumberAndTwoNamesAreOne() {
        ServicePlan plan = ServicePlanner.plan(Exports.view(
                List.of(
                        exporter("west", new Port("tcp", Transport.TCP, 42, Optional.empty())),
                        exporter("east", new Port("other", Transport.TCP, 42, Optional.empty()))),
                Routing.PLAIN));
        assertEquals(List.of("east tcp", "west tcp"), receiving(plan));
    }

    @Test
    void aHeadlessServiceHasNoAddressAndEveryEndpointAName() {
        ServicePlan plan = ServicePlanner.plan(
                Exports.view("west headless 1/1, east headless 1/2", Exports.routing("LocalFirst")));
        assertTrue(plan.derived().isEmpty());
        assertTrue(plan.serviceImport().orElseThrow().ips().isEmpty());
        assertEquals(
                List.of("10-42-0-1", "10-52-0-1", "10-52-0-2"),
                plan.slices().stream()
                        .flatMap(s -> s.endpoints().stream())
                        .map(e -> e.hostname().orElseThrow())
                        .sorted()
                        .toList());
        // its clients choose among all addresses
        assertEquals(
                List.of("east RECEIVING 50%", "west RECEIVING 50%"),
                plan.clusters().stream()
                        .map(c -> c.cluster() + " " + c.state() + " " + c.sharePercent() + "%")
                        .toList());
    }

    @Test
    void whatIsExportedIsToldWhoeverReceives() {
        ServicePlan plan = ServicePlanner.plan(Exports.view("west 1/2, east 3/3 dead", Exports.routing("LocalFirst")));
        assertEquals(
                List.of("east 3", "west 2"),
                plan.slices().stream()
                        .filter(s -> s.kind() == SliceKind.EXPORTED)
                        .map(s -> s.source() + " " + s.endpoints().size())
                        .toList());
    }

    @Test
    void withoutItsNamespaceOrAnExportNothingStands() {
        ServiceView view = Exports.view("west 1/1", Routing.PLAIN);
        for (ServiceView empty : List.of(
                new ServiceView(
                        view.local(), view.name(), view.exports(), view.routing(), false, List.of("IPv4"), List.of()),
                Exports.view(List.of(), Routing.PLAIN),
                Exports.view("east vetoed 1/1", Routing.PLAIN),
                Exports.view("east 1/1", Exports.routing("Balanced", "north")))) {
            ServicePlan plan = ServicePlanner.plan(empty);
            assertTrue(plan.serviceImport().isEmpty() && plan.derived().isEmpty());
            assertEquals(List.of(), plan.slices());
        }
    }

    @Test
    void aFamilyThatTheDerivedServiceLacksReceivesNothing() {
        Port port = new Port("http", Transport.TCP, 80, Optional.empty());
        EndpointPort target = new EndpointPort("http", Transport.TCP, 8080, Optional.empty());
        Export dual = new Export(
                EAST,
                Exports.service(
                        0,
                        false,
                        false,
                        List.of(port),
                        List.of(
                                new EndpointGroup(false, List.of(target), List.of(pod("10.52.0.1"))),
                                new EndpointGroup(true, List.of(target), List.of(pod("fd52::1"))))),
                true,
                true);
        ServiceView view = Exports.view(List.of(dual), Routing.PLAIN);
        assertEquals(List.of("east http"), receiving(ServicePlanner.plan(view)));
        ServiceView both = new ServiceView(
                view.local(),
                view.name(),
                view.exports(),
                view.routing(),
                true,
                List.of("IPv4", "IPv6"),
                List.of(Addresses.parse("10.96.0.7"), Addresses.parse("fd96::7")));
        assertEquals(List.of("east http", "east http"), receiving(ServicePlanner.plan(both)));
    }

    private static Optional<ClusterId> winner(String world) {
        ServicePlan plan = ServicePlanner.plan(Exports.view(world, Routing.PLAIN));
        boolean affine = plan.derived().orElseThrow().sessionAffinity() == SessionAffinity.CLIENT_IP;
        assertEquals(affine, plan.winner().orElseThrow().equals(EAST));
        return plan.winner();
    }

    private static Export exporter(String cluster, Port port) {
        return new Export(
                new ClusterId(cluster),
                Exports.service(
                        cluster.equals("west") ? 0 : 1,
                        false,
                        false,
                        List.of(port),
                        List.of(new EndpointGroup(
                                false,
                                List.of(new EndpointPort(port.name(), Transport.TCP, 8080, Optional.empty())),
                                List.of(pod(cluster.equals("west") ? "10.42.0.1" : "10.52.0.1"))))),
                true,
                true);
    }

    private static ExportedService.Endpoint pod(String address) {
        return new ExportedService.Endpoint(Addresses.parse(address), Optional.empty(), true, true, false);
    }

    private static List<String> receiving(ServicePlan plan) {
        return plan.slices().stream()
                .filter(s -> s.kind() == SliceKind.RECEIVING)
                .flatMap((Slice s) -> s.ports().stream().map(p -> s.source() + " " + p.name()))
                .sorted()
                .toList();
    }
}
