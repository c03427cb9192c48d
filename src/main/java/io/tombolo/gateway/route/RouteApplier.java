package io.tombolo.gateway.route;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.net.Cidr;
import io.tombolo.plan.diff.RouteDiff;
import io.tombolo.plan.route.KernelObject;
import io.tombolo.plan.route.Nexthop;
import io.tombolo.plan.route.Route;
import io.tombolo.plan.route.RouteNumbers;
import io.tombolo.plan.route.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The gateway's part of this node's routing: what is there, and what is changed. */
public final class RouteApplier {
    /** Unique local addresses (RFC 4193): every tunnel address is one. */
    private static final Cidr TUNNELS = Cidr.parse("fd00::/8");

    private static final Set<Integer> RULES =
            Set.of(RouteNumbers.INWARD_RULE, RouteNumbers.LANE_RULE, RouteNumbers.LANE_FENCE_RULE);

    private final CommandRunner runner;

    public RouteApplier(CommandRunner runner) {
        this.runner = runner;
    }

    /** What a pass did. @param ready whether all that is desired is there now */
    public record Outcome(boolean ready, List<String> changes) {}

    /** Everything of ours in the kernel; the node agent's objects, which carry the same protocol number, are left out. */
    public List<KernelObject> observe() throws CommandFailedException {
        String proto = Integer.toString(RouteNumbers.PROTO);
        List<KernelObject> objects = new ArrayList<>();
        for (String family : List.of("-4", "-6")) {
            Route.parse(runner.run("ip", family, "-N", "-o", "route", "show", "table", "all", "proto", proto)).stream()
                    .filter(RouteApplier::isOurs)
                    .forEach(objects::add);
            Rule.parse(runner.run("ip", family, "-N", "-o", "rule", "show"), family.equals("-6")).stream()
                    .filter(rule -> RULES.contains(rule.priority()))
                    .forEach(objects::add);
        }
        Nexthop.parse(runner.run("ip", "-N", "-o", "nexthop", "show", "protocol", proto)).stream()
                .filter(nexthop -> nexthop.id() >= RouteNumbers.NEXTHOP_BASE)
                .forEach(objects::add);
        return objects;
    }

    private static boolean isOurs(Route route) {
        return route.table() == RouteNumbers.LANE_TABLE
                || route.table() == RouteNumbers.INWARD_TABLE
                || route.table() == Route.MAIN && TUNNELS.contains(route.destination());
    }

    /**
     * Applies what differs. What needs a device that is absent or down waits for a later pass; its fence does not.
     *
     * @param up names of the interfaces that are up
     */
    public Outcome apply(List<KernelObject> desired, Collection<String> up) throws CommandFailedException {
        Set<Integer> usable = new HashSet<>();
        List<KernelObject> possible = new ArrayList<>();
        for (KernelObject object : desired) {
            boolean can =
                    switch (object) {
                        case Nexthop nexthop -> up.contains(nexthop.device()) && usable.add(nexthop.id());
                        case Route route when route.target() instanceof Route.ViaNexthop(int id) -> usable.contains(id);
                        case Route route -> route.device().isEmpty() || up.contains(route.device());
                        case Rule _ -> true;
                    };
            if (can) {
                possible.add(object);
            }
        }
        RouteDiff diff = RouteDiff.between(observe(), possible);
        for (boolean ipv6 : new boolean[] {false, true}) {
            String batch = diff.batch(ipv6);
            if (!batch.isEmpty()) {
                // -force: one line that fails does not keep the others from being tried; the next pass sees what is
                // left
                runner.run(List.of("ip", ipv6 ? "-6" : "-4", "-force", "-batch", "-"), batch);
            }
        }
        List<String> changes = new ArrayList<>();
        diff.additions().forEach(o -> changes.add(o.addition()));
        diff.removals().forEach(o -> changes.add(o.removal()));
        return new Outcome(possible.size() == desired.size(), changes);
    }
}
