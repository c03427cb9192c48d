package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.Traffic.Way;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Decides, for each port and address family, which clusters receive a service's traffic now, and with which endpoints. */
final class TrafficPlanner {
    /** Percentage points that shares may be off their weights before it is worth a word. */
    private static final int TOLERATED = 3;

    private final ClusterId local;
    private final NamespacedName service;
    private final Map<Way, Map<ClusterId, Set<InetAddress>>> receivers = new LinkedHashMap<>();
    private final List<Finding> findings = new ArrayList<>();

    private TrafficPlanner(ClusterId local, NamespacedName service) {
        this.local = local;
        this.service = service;
    }

    /** What one cluster has for one way. */
    record Pool(ClusterId cluster, List<Endpoint> endpoints) {
        Set<InetAddress> ready() {
            Set<InetAddress> ready = new HashSet<>();
            endpoints.stream().filter(Endpoint::ready).forEach(e -> ready.add(e.address()));
            return ready;
        }

        boolean isReady() {
            return endpoints.stream().anyMatch(Endpoint::ready);
        }

        /** What terminates does not count: a service that shrinks is as ready as before. */
        boolean isReady(int percent) {
            long staying = endpoints.stream()
                    .filter(e -> e.ready() || !e.terminating())
                    .count();
            long ready = endpoints.stream().filter(Endpoint::ready).count();
            return ready > 0 && ready * 100 >= staying * percent;
        }
    }

    /**
     * @param ways the service's ports, in each family that it has here
     * @param counting exports that count
     */
    static Traffic plan(
            ClusterId local,
            NamespacedName service,
            Routing.Strategy strategy,
            List<Way> ways,
            Collection<Export> counting) {
        TrafficPlanner planner = new TrafficPlanner(local, service);
        ways.forEach(way -> planner.plan(way, strategy, counting));
        return new Traffic(planner.receivers, planner.findings);
    }

    private void plan(Way way, Routing.Strategy strategy, Collection<Export> counting) {
        List<Pool> pools = counting.stream()
                .filter(Export::live)
                .map(export -> pool(export, way))
                .filter(pool -> !pool.endpoints().isEmpty())
                .toList();
        Map<ClusterId, Set<InetAddress>> chosen =
                switch (strategy) {
                    case Routing.Balanced balanced -> whole(pools);
                    case Routing.LocalFirst localFirst -> localFirst(pools);
                    case Routing.Ordered ordered -> ordered(ordered, pools);
                    case Routing.Weighted weighted -> weighted(way, weighted, pools);
                };
        if (!chosen.isEmpty()) {
            receivers.put(way, chosen);
        }
    }

    // Wherever nobody is ready, all who may receive do: kube-proxy may still use endpoints that serve while they
    // terminate.

    private Map<ClusterId, Set<InetAddress>> localFirst(List<Pool> pools) {
        List<Pool> ready = pools.stream().filter(Pool::isReady).toList();
        List<Pool> here = ready.stream().filter(p -> p.cluster().equals(local)).toList();
        if (!here.isEmpty()) {
            return whole(here);
        }
        return whole(
                ready.isEmpty()
                        ? pools
                        : pools.stream().filter(p -> !p.cluster().equals(local)).toList());
    }

    private static Map<ClusterId, Set<InetAddress>> ordered(Routing.Ordered ordered, List<Pool> pools) {
        List<Pool> candidates = pools.stream()
                .filter(p -> ordered.order().contains(p.cluster()))
                .sorted(Comparator.comparingInt(p -> ordered.order().indexOf(p.cluster())))
                .toList();
        return candidates.stream()
                .filter(p -> p.isReady(ordered.minReadyPercent()))
                .findFirst()
                .or(() -> candidates.stream().filter(Pool::isReady).findFirst())
                .map(first -> whole(List.of(first)))
                .orElseGet(() -> whole(candidates));
    }

    private Map<ClusterId, Set<InetAddress>> weighted(Way way, Routing.Weighted weighted, List<Pool> pools) {
        List<Pool> candidates =
                pools.stream().filter(p -> weighted.weight(p.cluster()) > 0).toList();
        List<Pool> ready = candidates.stream().filter(Pool::isReady).toList();
        if (ready.isEmpty()) {
            return whole(candidates);
        }
        Apportionment apportionment = Apportionment.of(ready.stream()
                .map(p -> new Apportionment.Claim(
                        p.cluster(), weighted.weight(p.cluster()), p.ready().size()))
                .toList());
        if (findings.isEmpty() && apportionment.isOffBy(TOLERATED)) {
            findings.add(Finding.of(
                    Problem.WEIGHTS_APPROXIMATED,
                    "spec.routing.weights",
                    (way.port().name().isEmpty() ? "" : "port " + way.port().name() + ": ") + apportionment.text()));
        }
        Map<ClusterId, Set<InetAddress>> chosen = new TreeMap<>();
        for (Apportionment.Part part : apportionment.parts()) {
            for (Pool pool : ready) {
                if (part.chosen() > 0 && pool.cluster().equals(part.claim().cluster())) {
                    List<InetAddress> order = EndpointOrder.of(local, service, pool.ready());
                    chosen.put(pool.cluster(), Set.copyOf(order.subList(part.chosen(), order.size())));
                }
            }
        }
        return chosen;
    }

    private static Map<ClusterId, Set<InetAddress>> whole(List<Pool> pools) {
        Map<ClusterId, Set<InetAddress>> whole = new TreeMap<>();
        pools.forEach(pool -> whole.put(pool.cluster(), Set.of()));
        return whole;
    }

    /** The export's endpoints that serve the union's port; none where it does not expose it. */
    static Pool pool(Export export, Way way) {
        Optional<Port> own = exposed(export.service(), way.port());
        List<Endpoint> endpoints = new ArrayList<>();
        for (EndpointGroup group : export.service().endpoints()) {
            if (group.ipv6() == way.ipv6()
                    && own.isPresent()
                    && group.ports().stream().anyMatch(p -> serves(p, own.get()))) {
                endpoints.addAll(group.endpoints());
            }
        }
        return new Pool(export.cluster(), endpoints);
    }

    /** The export's own port that answers on the union's {@code port}: same protocol and number, whatever its name. */
    static Optional<Port> exposed(ExportedService service, Port port) {
        return service.ports().stream()
                .filter(p -> ShapeMerger.sameSocket(p, port))
                .findFirst();
    }

    static boolean serves(EndpointPort endpointPort, Port servicePort) {
        return endpointPort.name().equals(servicePort.name()) && endpointPort.transport() == servicePort.transport();
    }
}
