package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.ServicePlan.DerivedService;
import io.tombolo.plan.service.ServicePlan.Import;
import io.tombolo.plan.service.ServicePlan.Slice;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Plans one service: services do not depend on each other, so a change costs one plan. */
public final class ServicePlanner {
    private ServicePlanner() {}

    /** The same view, with its exports in any order, gives the same plan. */
    public static ServicePlan plan(ServiceView view) {
        List<Export> counting = view.exports().stream()
                .filter(e -> e.shared() && view.routing().counts(e.cluster()))
                .sorted(ShapeMerger.PRECEDENCE)
                .toList();
        List<Port> union = ShapeMerger.ports(counting);
        Map<Port, Set<ClusterId>> receivers =
                TrafficPlanner.receivers(view.local(), view.routing().strategy(), union, counting);
        List<ServicePlan.Participation> participation =
                TrafficPlanner.participation(view.exports(), counting, receivers);
        if (counting.isEmpty() || !view.namespaceExists()) {
            return new ServicePlan(
                    view.name(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    ShapeMerger.conflicts(counting),
                    Optional.empty(),
                    participation);
        }
        ExportedService oldest = counting.getFirst().service();
        Optional<DerivedService> derived =
                oldest.headless() ? Optional.empty() : Optional.of(derived(view, oldest, union));
        List<Slice> slices = new ArrayList<>();
        for (Export export : counting) {
            slices.addAll(SlicePlanner.exported(view.name(), export, oldest.headless()));
            derived.ifPresent(d -> slices.addAll(SlicePlanner.receiving(d.name(), export, receivers)));
        }
        slices.sort(Comparator.comparing(Slice::name));
        return new ServicePlan(
                view.name(),
                Optional.of(serviceImport(view, counting, union)),
                derived,
                slices,
                ShapeMerger.conflicts(counting),
                Optional.of(counting.getFirst().cluster()),
                participation);
    }

    private static Import serviceImport(ServiceView view, List<Export> counting, List<Port> union) {
        ExportedService oldest = counting.getFirst().service();
        List<String> families = oldest.headless() || view.clusterIps().isEmpty()
                ? oldest.ipFamilies()
                : view.clusterIps().stream()
                        .map(ip -> ip.getAddress().length == 4 ? "IPv4" : "IPv6")
                        .toList();
        return new Import(
                oldest.headless(),
                union,
                oldest.headless() ? List.of() : view.clusterIps(),
                families,
                oldest.sessionAffinity(),
                oldest.sessionAffinityTimeout(),
                oldest.internalTrafficPolicy(),
                oldest.trafficDistribution(),
                oldest.labels(),
                oldest.annotations(),
                counting.stream().map(Export::cluster).sorted().toList());
    }

    private static DerivedService derived(ServiceView view, ExportedService oldest, List<Port> union) {
        List<String> families = oldest.ipFamilies().stream()
                .filter(view.localFamilies()::contains)
                .toList();
        return new DerivedService(
                Names.derivedService(view.name()),
                union,
                families,
                oldest.sessionAffinity(),
                oldest.sessionAffinityTimeout());
    }
}
