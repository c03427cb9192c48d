package io.tombolo.kube.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Condition;
import io.tombolo.kube.Conditions;
import io.tombolo.plan.service.Exports;
import io.tombolo.plan.service.Routing;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.plan.service.ServicePlanner;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a ServiceExport says of a conflict, and of what is in its way. */
class ExportStatusApplierTest {
    @Test
    void t32NamesTheClusterWhoseClaimToBeTheOldestWins() {
        Condition conflict = condition("east headless 1/1, west 1/1", Routing.PLAIN);
        assertEquals("True TypeConflict", conflict.getStatus() + " " + conflict.getReason());
        assertEquals(
                "The exporters disagree on type. The oldest export, of cluster east, wins; ports are united.",
                conflict.getMessage());
    }

    @Test
    void t32AClusterThatIsNotImportedFromConflictsWithNobody() {
        Condition conflict = condition("east headless 1/1, west 1/1", Exports.routing("Balanced", "west"));
        assertEquals("False NoConflicts", conflict.getStatus() + " " + conflict.getReason());
    }

    @Test
    void row53SaysThatTheNamespaceIsNotShared() {
        ServicePlan plan = ServicePlanner.plan(Exports.view("west 1/1", Routing.PLAIN));
        Finding notShared = Finding.of(
                Problem.NAMESPACE_NOT_ACCEPTED, "metadata.namespace", "sharing does not choose namespace shop");
        LocalExport refused =
                new LocalExport(Exports.WEB, "uid", 1, Optional.empty(), Optional.of(notShared), Map.of(), List.of());
        Condition ready =
                Objects.requireNonNull(Conditions.find(ExportStatusApplier.conditions(refused, plan), "Ready"));
        assertEquals("False Failed", ready.getStatus() + " " + ready.getReason());
        assertEquals(
                "NamespaceNotAccepted: metadata.namespace: sharing does not choose namespace shop. "
                        + Problem.NAMESPACE_NOT_ACCEPTED.remedy(),
                ready.getMessage());
    }

    @Test
    void t15NamesSlicesThatKubernetesDidNotMake() {
        ServicePlan plan = ServicePlanner.plan(Exports.view("west 1/1", Routing.PLAIN));
        List<String> forged = List.of("a", "b", "c", "d", "e", "f", "g");
        Condition ready = Objects.requireNonNull(
                Conditions.find(ExportStatusApplier.conditions(exported(forged), plan), "Ready"));
        assertEquals(
                "True Linked clusters can import it. Left out: what EndpointSlices hold that Kubernetes did not make for this"
                        + " Service (a, b, c, d, e and 2 more). Only pods of its selector are exported.",
                ready.getStatus() + " " + ready.getMessage());
    }

    private static LocalExport exported(List<String> forged) {
        return new LocalExport(
                Exports.WEB,
                "uid",
                1,
                Optional.of(Exports.parse("west 1/1").getFirst().service()),
                Optional.empty(),
                Map.of(),
                forged);
    }

    private static Condition condition(String world, Routing routing) {
        ServicePlan plan = ServicePlanner.plan(Exports.view(world, routing));
        LocalExport ours = exported(List.of());
        return Objects.requireNonNull(Conditions.find(ExportStatusApplier.conditions(ours, plan), "Conflict"));
    }
}
