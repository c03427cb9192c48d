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
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One agent's part of this node's routing: what is there, and what is changed. */
public final class RouteApplier {
    private static final int MOST_NAMED = 30;

    private final CommandRunner runner;
    private final Predicate<KernelObject> ours;
    private final Drift drift;
    /** What the last pass left in the kernel, without what was dropped since; nexthops as they were then. */
    private Set<KernelObject> left = Set.of();
    /** By id, those that stand and are wanted. */
    private Map<Integer, Nexthop> nexthops = Map.of();

    private Set<String> up = Set.of();

    /** How often nexthops were moved or dropped, or routes resized. */
    private long moves;

    /** @param ours which objects with our protocol number are the caller's: the gateway and the node agent share it */
    public RouteApplier(CommandRunner runner, Predicate<KernelObject> ours, Drift drift) {
        this.runner = runner;
        this.ours = ours;
        this.drift = drift;
    }

    /** What a pass did. @param ready whether all that is desired is there now */
    public record Outcome(boolean ready, List<String> changes) {}

    /** Everything of ours in the kernel. */
    public List<KernelObject> observe() throws CommandFailedException {
        String proto = Integer.toString(RouteNumbers.PROTO);
        List<KernelObject> objects = new ArrayList<>();
        for (String family : List.of("-4", "-6")) {
            String listing = runner.run(
                    List.of("ip", family, "-N", "-o", "-batch", "-"),
                    "route show table all proto " + proto + "\nrule show\nnexthop show protocol " + proto + "\n");
            Map<Kind, String> listings = Kind.apart(listing);
            objects.addAll(Route.parse(listings.getOrDefault(Kind.ROUTE, "")));
            objects.addAll(Rule.parse(listings.getOrDefault(Kind.RULE, ""), family.equals("-6")));
            objects.addAll(Nexthop.parse(listings.getOrDefault(Kind.NEXTHOP, "")));
        }
        return objects.stream().filter(ours).toList();
    }

    /**
     * Applies what differs. What needs a device that is absent or down waits for a later pass; its fence does not.
     *
     * @param plan what is desired, asked for once nothing else can move a nexthop
     * @param upNow names of the interfaces that are up
     * @param settled false: what is missing is added, and what stands stays as it is
     */
    public Outcome apply(Supplier<List<KernelObject>> plan, Collection<String> upNow, boolean settled)
            throws CommandFailedException {
        long before = moves();
        List<KernelObject> observed = observe(); // takes its time, in which a nexthop may have to move
        synchronized (this) {
            up = Set.copyOf(upNow);
            return change(plan, settled, before == moves ? observed : observe());
        }
    }

    /** What a line is about where {@code ip -o} shows one kind behind the other. */
    private enum Kind {
        ROUTE,
        RULE,
        NEXTHOP;

        private static final Pattern PRIORITY = Pattern.compile("[0-9]+:\\s.*");

        static Kind of(String line) {
            if (PRIORITY.matcher(line).matches()) {
                return RULE;
            }
            return line.startsWith("id ") ? NEXTHOP : ROUTE;
        }

        static Map<Kind, String> apart(String listing) {
            return listing.lines()
                    .filter(line -> !line.isBlank())
                    .collect(Collectors.groupingBy(Kind::of, Collectors.joining("\n")));
        }
    }

    private synchronized long moves() {
        return moves;
    }

    private Outcome change(Supplier<List<KernelObject>> plan, boolean settled, List<KernelObject> observed)
            throws CommandFailedException {
        List<KernelObject> desired = settled ? plan.get() : completed(observed, plan.get());
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
        RouteDiff diff = RouteDiff.between(observed, possible);
        count(diff.additions());
        run(diff);
        left = Set.copyOf(possible);
        nexthops = possible.stream()
                .filter(Nexthop.class::isInstance)
                .map(Nexthop.class::cast)
                .collect(Collectors.toMap(Nexthop::id, nexthop -> nexthop));
        List<String> changes = new ArrayList<>();
        diff.additions().forEach(o -> changes.add(o.addition()));
        diff.removals().forEach(o -> changes.add(o.removal()));
        return new Outcome(possible.size() == desired.size(), named(changes));
    }

    /** What stood and is wanted as it was, and is to be added all the same. */
    private void count(List<KernelObject> additions) {
        Map<Drift.Kind, List<String>> missed = new EnumMap<>(Drift.Kind.class);
        for (KernelObject object : additions) {
            boolean stood = object instanceof Nexthop nexthop
                    ? nexthop.equals(nexthops.get(nexthop.id()))
                    : left.contains(object);
            if (stood) {
                Drift.Kind kind =
                        switch (object) {
                            case Nexthop _ -> Drift.Kind.NEXTHOP;
                            case Route _ -> Drift.Kind.ROUTE;
                            case Rule _ -> Drift.Kind.RULE;
                        };
                missed.computeIfAbsent(kind, _ -> new ArrayList<>()).add(object.addition());
            }
        }
        missed.forEach(drift::found);
    }

    /** All of a few, and how many more there are of many: a slot that falls silent moves hundreds of routes. */
    private static List<String> named(List<String> changes) {
        if (changes.size() <= MOST_NAMED) {
            return changes;
        }
        List<String> named = new ArrayList<>(changes.subList(0, MOST_NAMED));
        named.add("and " + (changes.size() - MOST_NAMED) + " more routes, rules and nexthops");
        return named;
    }

    /** What stands, and of what is desired whatever nothing stands in for. */
    private static List<KernelObject> completed(List<KernelObject> observed, List<KernelObject> desired) {
        Set<Object> there = observed.stream().map(KernelObject::identity).collect(Collectors.toSet());
        return Stream.concat(observed.stream(), desired.stream().filter(object -> !there.contains(object.identity())))
                .sorted(Comparator.comparingInt(KernelObject::rank))
                .toList();
    }

    /**
     * Replaces the nexthops that stand and are wanted otherwise, without looking at the kernel first: it takes a few
     * milliseconds, however many routes use them.
     *
     * @param plan the nexthops of what {@link #apply} is given, as they should be now
     * @return what was changed
     */
    public synchronized List<String> move(Supplier<List<Nexthop>> plan) throws CommandFailedException {
        List<Nexthop> moved = plan.get().stream()
                .filter(nexthop -> up.contains(nexthop.device()))
                .filter(nexthop -> nexthops.containsKey(nexthop.id()) && !nexthop.equals(nexthops.get(nexthop.id())))
                .toList();
        moves += moved.isEmpty() ? 0 : 1;
        run(new RouteDiff(List.copyOf(moved), List.of()));
        Map<Integer, Nexthop> now = new HashMap<>(nexthops);
        moved.forEach(nexthop -> now.put(nexthop.id(), nexthop));
        nexthops = now;
        return moved.stream().map(Nexthop::addition).toList();
    }

    /**
     * Replaces the routes that stand and are wanted for packets of another size, without looking at the kernel first.
     *
     * @param plan what {@link #apply} is given, as it should be now
     * @return what was changed
     */
    public synchronized List<String> resize(Supplier<List<KernelObject>> plan) throws CommandFailedException {
        Map<Object, Route> standing = new HashMap<>();
        left.forEach(object -> {
            if (object instanceof Route route) {
                standing.put(route.identity(), route);
            }
        });
        Map<Route, Route> resized = new HashMap<>();
        for (KernelObject object : plan.get()) {
            Route stands = standing.get(object.identity());
            if (stands != null
                    && object instanceof Route route
                    && !stands.equals(route)
                    && stands.withMtu(route.mtu()).equals(route)) {
                resized.put(stands, route);
            }
        }
        if (resized.isEmpty()) {
            return List.of();
        }
        moves++;
        run(new RouteDiff(List.copyOf(resized.values()), List.of()));
        left = left.stream()
                .map(object -> object instanceof Route route ? resized.getOrDefault(route, route) : object)
                .collect(Collectors.toSet());
        return named(resized.values().stream().map(Route::addition).toList());
    }

    /**
     * Deletes nexthops that stand, without looking at the kernel first; with each the kernel deletes every route that uses
     * it, and what is left of these are their fences.
     *
     * @param which asked for once nothing else can make one of them
     * @return what was changed
     */
    public synchronized List<String> drop(Supplier<List<Nexthop>> which) throws CommandFailedException {
        List<Nexthop> dropped = which.get().stream()
                .filter(nexthop -> nexthops.containsKey(nexthop.id()))
                .toList();
        moves += dropped.isEmpty() ? 0 : 1;
        run(new RouteDiff(List.of(), List.copyOf(dropped)));
        Map<Integer, Nexthop> now = new HashMap<>(nexthops);
        dropped.forEach(nexthop -> now.remove(nexthop.id()));
        nexthops = now;
        left = left.stream()
                .filter(object -> !(object instanceof Route route
                        && route.target() instanceof Route.ViaNexthop(int id)
                        && !now.containsKey(id)))
                .collect(Collectors.toSet());
        return dropped.stream().map(Nexthop::removal).toList();
    }

    private void run(RouteDiff diff) throws CommandFailedException {
        List<CommandFailedException> failed = new ArrayList<>();
        for (boolean ipv6 : new boolean[] {false, true}) {
            String batch = diff.batch(ipv6);
            if (!batch.isEmpty()) {
                // -force: one line that fails keeps neither the others nor the other family from being tried; the next
                // pass
                // sees what is left
                try {
                    runner.run(List.of("ip", ipv6 ? "-6" : "-4", "-force", "-batch", "-"), batch);
                } catch (CommandFailedException e) {
                    failed.add(e);
                }
            }
        }
        if (!failed.isEmpty()) {
            throw failed.getFirst();
        }
    }
}
