package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ServicePlan.Participation;
import io.tombolo.plan.service.ServicePlan.State;
import io.tombolo.plan.service.Traffic.Way;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Says how each exporter takes part in a service, and why it does so. */
final class ParticipationPlanner {
    private final ServiceView view;
    private final Routing.Strategy strategy;
    private final Traffic traffic;

    private ParticipationPlanner(ServiceView view, Routing.Strategy strategy, Traffic traffic) {
        this.view = view;
        this.strategy = strategy;
        this.traffic = traffic;
    }

    /**
     * @param strategy the one that is followed
     * @param shares of the clusters that receive, in percent
     */
    static List<Participation> plan(
            ServiceView view, Routing.Strategy strategy, Traffic traffic, Map<ClusterId, Integer> shares) {
        ParticipationPlanner planner = new ParticipationPlanner(view, strategy, traffic);
        return view.exports().stream()
                .map(export -> planner.participation(export, shares))
                .sorted(Comparator.comparing(Participation::cluster))
                .toList();
    }

    private Participation participation(Export export, Map<ClusterId, Integer> shares) {
        Set<InetAddress> endpoints = new HashSet<>(); // one stands in a group for each set of ports
        Set<InetAddress> ready = new HashSet<>();
        for (EndpointGroup group : export.service().endpoints()) {
            for (Endpoint endpoint : group.endpoints()) {
                endpoints.add(endpoint.address());
                if (endpoint.ready()) {
                    ready.add(endpoint.address());
                }
            }
        }
        State state = state(export, !ready.isEmpty(), shares.containsKey(export.cluster()));
        return new Participation(
                export.cluster(),
                state,
                endpoints.size(),
                ready.size(),
                shares.getOrDefault(export.cluster(), 0),
                why(export, state));
    }

    private State state(Export export, boolean ready, boolean receives) {
        if (!export.shared() || !view.routing().counts(export.cluster())) {
            return State.EXCLUDED;
        }
        if (!export.live()) {
            return State.UNREACHABLE;
        }
        if (!ready) {
            return State.NO_ENDPOINTS;
        }
        return receives ? State.RECEIVING : State.STANDBY;
    }

    private String why(Export export, State state) {
        return switch (state) {
            case EXCLUDED -> excluded(view.routing().counts(export.cluster()));
            case UNREACHABLE -> "no gateway of it answers";
            case NO_ENDPOINTS -> "no endpoint of it is ready";
            case RECEIVING -> receiving(export) + onlySome(export);
            case STANDBY -> standby(export);
        };
    }

    static String excluded(boolean named) {
        return named
                ? "sharing does not let its exports into this namespace"
                : "spec.import.fromClusters does not name it";
    }

    private String receiving(Export export) {
        return switch (strategy) {
            case Routing.Balanced balanced -> "all ready endpoints receive alike";
            case Routing.LocalFirst localFirst ->
                export.cluster().equals(view.local())
                        ? "endpoints of this cluster come first"
                        : "no endpoint of this cluster is ready";
            case Routing.Ordered ordered ->
                readyEnough(export, ordered)
                        ? "the first of the order with " + ordered.minReadyPercent() + "% of its endpoints ready"
                        : "the first of the order with a ready endpoint; none has " + ordered.minReadyPercent()
                                + "% ready";
            case Routing.Weighted weighted -> "its weight is " + weighted.weight(export.cluster());
        };
    }

    private String standby(Export export) {
        return switch (strategy) {
            case Routing.Balanced balanced -> "no ready endpoint of it serves a port that is used here";
            case Routing.LocalFirst localFirst -> "endpoints of this cluster come first";
            case Routing.Ordered ordered -> {
                if (!ordered.order().contains(export.cluster())) {
                    yield "spec.routing.order does not name it";
                }
                yield readyEnough(export, ordered)
                        ? "another cluster comes before it in the order"
                        : "less than " + ordered.minReadyPercent() + "% of its endpoints are ready";
            }
            case Routing.Weighted weighted ->
                weighted.weight(export.cluster()) == 0
                        ? "it has no weight"
                        : "its weight is " + weighted.weight(export.cluster())
                                + ", which is nearer to no endpoint than to one among so few";
        };
    }

    private boolean readyEnough(Export export, Routing.Ordered ordered) {
        Collection<Way> receives = ways(export);
        return (receives.isEmpty() ? traffic.receivers().keySet() : receives)
                .stream()
                        .map(way -> TrafficPlanner.pool(export, way))
                        .filter(pool -> !pool.endpoints().isEmpty())
                        .allMatch(pool -> pool.isReady(ordered.minReadyPercent()));
    }

    private List<Way> ways(Export export) {
        return traffic.receivers().keySet().stream()
                .filter(way -> traffic.receives(export.cluster(), way))
                .toList();
    }

    /** Where others have the rest of the ports. */
    private String onlySome(Export export) {
        Set<String> all = new TreeSet<>();
        traffic.receivers().keySet().forEach(way -> all.add(way.port().name()));
        Set<String> own = new TreeSet<>();
        ways(export).forEach(way -> own.add(way.port().name()));
        return own.equals(all) ? "" : " (on " + own.size() + " of " + all.size() + " ports)";
    }
}
