package io.tombolo.kernel;

import io.tombolo.host.KernelEvent;
import io.tombolo.host.KernelEvents;
import io.tombolo.plan.route.RouteNumbers;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/**
 * What in the kernel an agent depends on, by names and numbers that are constants: enough to pass over what others do among
 * themselves, and asked for each of it.
 *
 * @param devices names of interfaces
 * @param tables of our routes
 * @param rules priorities
 * @param nexthops ids
 * @param filter the table of nftables, family and name
 */
public record Ours(
        Predicate<String> devices, Set<Integer> tables, Set<Integer> rules, IntPredicate nexthops, String filter) {
    public Ours {
        tables = Set.copyOf(tables);
        rules = Set.copyOf(rules);
    }

    /** Whether a pass may have something to put right after this. */
    public boolean concerns(KernelEvent event) {
        return switch (event) {
            case KernelEvent.Link link -> devices.test(link.name());
            case KernelEvent.AddressGone gone ->
                KernelEvents.interfaceName(gone.index()).filter(devices).isPresent();
            case KernelEvent.Route route -> route.protocol() == RouteNumbers.PROTO && tables.contains(route.table());
            case KernelEvent.Rule rule -> rules.contains(rule.priority());
            case KernelEvent.Nexthop nexthop -> nexthops.test(nexthop.id());
            case KernelEvent.Table table -> filter.endsWith(" " + table.name());
            case KernelEvent.Overrun _ -> true;
        };
    }
}
