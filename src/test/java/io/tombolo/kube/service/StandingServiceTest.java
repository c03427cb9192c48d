package io.tombolo.kube.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.Exports;
import io.tombolo.plan.service.Routing;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.plan.service.ServicePlanner;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the importer writes, read back: the status says what was planned. */
class StandingServiceTest {
    private static final ImportRenderer RENDERER = new ImportRenderer(1);
    private static final String WORLD = "west 4/5+1, east 3/3, north 2/2 dead";

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            LocalFirst               | west 4/5+1, east 3/3, north 2/2 dead
            LocalFirst               | west http:1/1 admin:0/1, east http&admin:2/2
            Balanced                 | west 4/5+1, east 3/3, north 2/2 dead
            Balanced                 | east 250/250, west 120/240
            Balanced                 | west headless 1/2, east headless 3/3
            Weighted west 80 east 20 | west 4/5+1, east 3/3, north 2/2 dead
            Weighted west 80 east 20 | west 1/1, east 1/1
            Ordered 50 east west     | west 4/5+1, east 1/3, north 2/2 dead
            LocalFirst               | west 4/5+1, east 2/3 vetoed
            LocalFirst from west     | west 4/5+1, east 2/3, north 1/1 vetoed
            Balanced from east       | west 4/5+1, east 2/3, north 0/2
            Balanced                 | west headless 1/2, east headless 2/3 vetoed
            Balanced from west       | west headless 1/2, east headless 2/3, north headless 1/1 dead
            """)
    void saysWhatTheImporterPlanned(String strategy, String world) {
        String[] parts = strategy.split(" from ", 2);
        Routing routing = parts.length == 1 ? Exports.routing(strategy) : Exports.routing(parts[0], parts[1]);
        ServicePlan plan = ServicePlanner.plan(Exports.view(world, routing));
        assertEquals(new StandingService.Routed(plan.clusters(), plan.findings()), standing(plan, plan, routing));
    }

    @Test
    void sharesAreThoseThatStandWhereTheImporterIsBehind() {
        ServicePlan old = ServicePlanner.plan(Exports.view(WORLD, Exports.routing("Ordered 1 west east")));
        ServicePlan now = ServicePlanner.plan(Exports.view(WORLD, Exports.routing("Ordered 1 east west")));
        assertEquals(
                List.of(
                        "east STANDBY 0% none of its endpoints stands behind the service's address",
                        "north UNREACHABLE 0% no gateway of it answers",
                        "west RECEIVING 100% its endpoints still stand behind the service's address"),
                standing(now, old, Exports.routing("Ordered 1 east west")).clusters().stream()
                        .map(c -> c.cluster() + " " + c.state() + " " + c.sharePercent() + "% " + c.why())
                        .toList());
    }

    @Test
    void aGroupThatWasCutIntoSlicesIsRememberedAsOne() {
        ServicePlan plan = ServicePlanner.plan(Exports.view("east 250/250", Routing.PLAIN));
        ServiceImport standing =
                RENDERER.serviceImport(plan.name(), plan.serviceImport().orElseThrow(), "uid");
        ExportedService remembered = ImportReader.remembered(plan.name(), standing, slices(plan), new ClusterId("east"))
                .orElseThrow();
        assertEquals(1, remembered.endpoints().size());
        assertEquals(250, remembered.endpoints().getFirst().endpoints().size());
    }

    /** @param receiving the plan whose slices receive */
    private static StandingService.Routed standing(ServicePlan plan, ServicePlan receiving, Routing routing) {
        Optional<Service> derived = plan.derived().map(any -> {
            Service service = RENDERER.derived(plan, new OwnerReference(), null);
            service.getSpec().setClusterIPs(List.of("10.96.0.7"));
            return service;
        });
        return new StandingService(plan.name(), derived.orElse(null), slices(receiving))
                .routed(Exports.WEST, routing, cluster -> !cluster.value().equals("north"));
    }

    private static List<EndpointSlice> slices(ServicePlan plan) {
        return plan.slices().stream()
                .map(slice -> RENDERER.slice(plan.name(), plan, slice, new OwnerReference()))
                .toList();
    }
}
