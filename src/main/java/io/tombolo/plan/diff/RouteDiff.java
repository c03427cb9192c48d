package io.tombolo.plan.diff;

import io.tombolo.plan.route.KernelObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What must change in the kernel's routing. Additions come first, in the order nexthops, routes, rules; removals last,
 * in the opposite order: there is no moment without a route that both states have.
 */
public record RouteDiff(List<KernelObject> additions, List<KernelObject> removals) {

    public RouteDiff {
        additions = List.copyOf(additions);
        removals = List.copyOf(removals);
    }

    /** @param observed ours only: whatever is in it and not desired is removed */
    public static RouteDiff between(
            Collection<? extends KernelObject> observed, Collection<? extends KernelObject> desired) {
        Map<Object, KernelObject> there = new LinkedHashMap<>();
        List<KernelObject> twice = new ArrayList<>();
        for (KernelObject object : observed) {
            if (there.put(object.identity(), object) != null) {
                twice.add(object);
            }
        }
        List<KernelObject> additions = new ArrayList<>();
        Set<Object> wanted = new HashSet<>();
        for (KernelObject object : desired) {
            if (wanted.add(object.identity()) && !object.equals(there.get(object.identity()))) {
                additions.add(object);
            }
        }
        List<KernelObject> removals = new ArrayList<>(twice);
        there.values().stream().filter(o -> !wanted.contains(o.identity())).forEach(removals::add);
        additions.sort(Comparator.comparingInt(KernelObject::rank));
        removals.sort(Comparator.comparingInt(KernelObject::rank).reversed());
        return new RouteDiff(additions, removals);
    }

    public boolean isEmpty() {
        return additions.isEmpty() && removals.isEmpty();
    }

    /** The lines for {@code ip -4 -batch -} or {@code ip -6 -batch -}; empty where that family has no change. */
    public String batch(boolean ipv6) {
        StringBuilder lines = new StringBuilder();
        additions.stream().filter(o -> o.ipv6() == ipv6).forEach(o -> lines.append(o.addition())
                .append('\n'));
        removals.stream().filter(o -> o.ipv6() == ipv6).forEach(o -> lines.append(o.removal())
                .append('\n'));
        return lines.toString();
    }
}
