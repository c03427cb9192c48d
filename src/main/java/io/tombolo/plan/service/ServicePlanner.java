package io.tombolo.plan.service;

import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.ServicePlan.DerivedService;
import io.tombolo.plan.service.ServicePlan.Import;
import io.tombolo.plan.service.ServicePlan.Slice;
import io.tombolo.plan.service.Traffic.Way;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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
        boolean headless = !counting.isEmpty() && counting.getFirst().service().headless();
        // nobody stands between a client and the addresses of a headless service: it is told all of them
        Routing.Strategy strategy =
                headless ? new Routing.Balanced() : view.routing().strategy();
        boolean imported = !counting.isEmpty() && view.namespaceExists();
        Optional<DerivedService> derived = imported && !headless
                ? Optional.of(derived(view, counting.getFirst().service(), union))
                : Optional.empty();
        Traffic traffic =
                TrafficPlanner.plan(view.local(), view.name(), strategy, ways(view, derived, union), counting);
        List<Slice> exported = new ArrayList<>();
        List<Slice> receiving = new ArrayList<>();
        if (imported) {
            for (Export export : counting) {
                List<Slice> own = SlicePlanner.exported(view.name(), export, headless);
                exported.addAll(own);
                if (headless && export.live()) {
                    receiving.addAll(own);
                }
                derived.ifPresent(d -> receiving.addAll(SlicePlanner.receiving(d.name(), export, traffic, union)));
            }
        }
        List<Slice> slices = new ArrayList<>(exported);
        slices.addAll(headless ? List.of() : receiving);
        slices.sort(Comparator.comparing(Slice::name));
        return new ServicePlan(
                view.name(),
                imported ? Optional.of(serviceImport(view, counting, union)) : Optional.empty(),
                derived,
                slices,
                ShapeMerger.conflicts(counting),
                imported ? Optional.of(counting.getFirst().cluster()) : Optional.empty(),
                ParticipationPlanner.plan(view, strategy, traffic, ServicePlan.shares(receiving)),
                traffic.findings());
    }

    /** A family that the derived Service lacks receives nothing, whatever its endpoints. */
    private static List<Way> ways(ServiceView view, Optional<DerivedService> derived, List<Port> union) {
        List<String> families = view.clusterIps().isEmpty()
                ? derived.map(DerivedService::ipFamilies).orElse(List.of())
                : families(view.clusterIps());
        List<Way> ways = new ArrayList<>();
        for (Port port : union) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                if (families.isEmpty() || families.contains(ipv6 ? "IPv6" : "IPv4")) {
                    ways.add(new Way(port, ipv6));
                }
            }
        }
        return ways;
    }

    private static List<String> families(List<InetAddress> ips) {
        return ips.stream()
                .map(ip -> ip.getAddress().length == 4 ? "IPv4" : "IPv6")
                .toList();
    }

    private static Import serviceImport(ServiceView view, List<Export> counting, List<Port> union) {
        ExportedService oldest = counting.getFirst().service();
        List<String> families =
                oldest.headless() || view.clusterIps().isEmpty() ? oldest.ipFamilies() : families(view.clusterIps());
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
