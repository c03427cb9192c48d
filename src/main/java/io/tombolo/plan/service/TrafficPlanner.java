package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.Port;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Decides, port by port, which clusters receive a service's traffic now. */
final class TrafficPlanner {
    private TrafficPlanner() {}

    /**
     * The clusters that receive each port of the union.
     *
     * @param exports those that count
     */
    static Map<Port, Set<ClusterId>> receivers(
            ClusterId local, Routing.Strategy strategy, List<Port> union, List<Export> exports) {
        Map<Port, Set<ClusterId>> receivers = new LinkedHashMap<>();
        for (Port port : union) {
            receivers.put(port, forPort(local, strategy, port, exports));
        }
        return receivers;
    }

    private static Set<ClusterId> forPort(ClusterId local, Routing.Strategy strategy, Port port, List<Export> exports) {
        Set<ClusterId> live = new TreeSet<>();
        boolean readyHere = false;
        boolean readyElsewhere = false;
        for (Export export : exports) {
            if (!export.live() || exposed(export.service(), port).isEmpty()) {
                continue;
            }
            live.add(export.cluster());
            boolean ready = ready(export.service(), port) > 0;
            readyHere |= ready && export.cluster().equals(local);
            readyElsewhere |= ready && !export.cluster().equals(local);
        }
        return switch (strategy) {
            case BALANCED -> live;
            case LOCAL_FIRST -> {
                if (readyHere) {
                    yield Set.of(local);
                }
                if (readyElsewhere) {
                    live.remove(local);
                }
                // nobody ready: kube-proxy may still use endpoints that are serving while they terminate, ours too
                yield live;
            }
        };
    }

    /** The export's own port that answers on the union's {@code port}: same protocol and number, whatever its name. */
    static Optional<Port> exposed(ExportedService service, Port port) {
        return service.ports().stream()
                .filter(p -> ShapeMerger.sameSocket(p, port))
                .findFirst();
    }

    /** Ready endpoints that serve the union's {@code port}. */
    static int ready(ExportedService service, Port port) {
        Optional<Port> own = exposed(service, port);
        if (own.isEmpty()) {
            return 0;
        }
        int ready = 0;
        for (EndpointGroup group : service.endpoints()) {
            if (group.ports().stream().anyMatch(p -> serves(p, own.get()))) {
                ready +=
                        (int) group.endpoints().stream().filter(Endpoint::ready).count();
            }
        }
        return ready;
    }

    static boolean serves(EndpointPort endpointPort, Port servicePort) {
        return endpointPort.name().equals(servicePort.name()) && endpointPort.transport() == servicePort.transport();
    }

    /**
     * How each export takes part, ordered by cluster. The share counts (endpoint, port) pairs: kube-proxy chooses
     * evenly among the ready endpoints of a port.
     *
     * @param all every export, those that do not count too
     * @param counting those that count
     */
    static List<ServicePlan.Participation> participation(
            List<Export> all, List<Export> counting, Map<Port, Set<ClusterId>> receivers) {
        Map<ClusterId, Integer> pairs = new TreeMap<>();
        int total = 0;
        for (Map.Entry<Port, Set<ClusterId>> entry : receivers.entrySet()) {
            for (Export export : counting) {
                if (entry.getValue().contains(export.cluster())) {
                    int ready = ready(export.service(), entry.getKey());
                    pairs.merge(export.cluster(), ready, Integer::sum);
                    total += ready;
                }
            }
        }
        List<ServicePlan.Participation> participation = new ArrayList<>();
        for (Export export : all) {
            int endpoints = 0;
            int ready = 0;
            for (EndpointGroup group : export.service().endpoints()) {
                endpoints += group.endpoints().size();
                ready +=
                        (int) group.endpoints().stream().filter(Endpoint::ready).count();
            }
            int received = pairs.getOrDefault(export.cluster(), 0);
            participation.add(new ServicePlan.Participation(
                    export.cluster(),
                    state(export, counting.contains(export), ready, received),
                    endpoints,
                    ready,
                    total == 0 ? 0 : Math.round(100f * received / total)));
        }
        participation.sort(Comparator.comparing(ServicePlan.Participation::cluster));
        return participation;
    }

    private static ServicePlan.State state(Export export, boolean counts, int ready, int received) {
        if (!counts) {
            return ServicePlan.State.EXCLUDED;
        }
        if (!export.live()) {
            return ServicePlan.State.UNREACHABLE;
        }
        if (ready == 0) {
            return ServicePlan.State.NO_ENDPOINTS;
        }
        return received > 0 ? ServicePlan.State.RECEIVING : ServicePlan.State.STANDBY;
    }
}
