package io.tombolo.kernel;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
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
import java.util.function.Predicate;

/** One agent's part of this node's routing: what is there, and what is changed. */
public final class RouteApplier {
    private final CommandRunner runner;
    private final Predicate<KernelObject> ours;

    /** @param ours which objects with our protocol number are the caller's: the gateway and the node agent share it */
    public RouteApplier(CommandRunner runner, Predicate<KernelObject> ours) {
        this.runner = runner;
        this.ours = ours;
    }

    /** What a pass did. @param ready whether all that is desired is there now */
    public record Outcome(boolean ready, List<String> changes) {}

    /** Everything of ours in the kernel. */
    public List<KernelObject> observe() throws CommandFailedException {
        String proto = Integer.toString(RouteNumbers.PROTO);
        List<KernelObject> objects = new ArrayList<>();
        for (String family : List.of("-4", "-6")) {
            objects.addAll(
                    Route.parse(runner.run("ip", family, "-N", "-o", "route", "show", "table", "all", "proto", proto)));
            objects.addAll(Rule.parse(runner.run("ip", family, "-N", "-o", "rule", "show"), family.equals("-6")));
        }
        objects.addAll(Nexthop.parse(runner.run("ip", "-N", "-o", "nexthop", "show", "protocol", proto)));
        return objects.stream().filter(ours).toList();
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
