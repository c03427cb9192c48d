package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Prefixes, each with what it belongs to, asked for overlaps: at most as many look-ups as there are distinct lengths,
 * where comparing every pair would take minutes for a thousand links.
 */
final class CidrIndex<T> {
    private final TreeMap<Cidr, T> entries = new TreeMap<>();
    private final TreeSet<Integer> lengths4 = new TreeSet<>();
    private final TreeSet<Integer> lengths6 = new TreeSet<>();

    /** What was there first stays. */
    void add(Cidr cidr, T owner) {
        entries.putIfAbsent(cidr, owner);
        lengths(cidr).add(cidr.length());
    }

    /** Some entry that shares an address with {@code cidr}: the broadest that contains it, else the first inside it. */
    Optional<Map.Entry<Cidr, T>> overlapping(Cidr cidr) {
        for (int length : lengths(cidr).headSet(cidr.length(), true)) {
            Cidr wider = Cidr.containing(cidr.network(), length);
            T owner = entries.get(wider);
            if (owner != null) {
                return Optional.of(Map.entry(wider, owner));
            }
        }
        // ordered by network, then length: whatever lies inside comes directly behind
        return Optional.ofNullable(entries.ceilingEntry(cidr)).filter(e -> cidr.contains(e.getKey()));
    }

    private TreeSet<Integer> lengths(Cidr cidr) {
        return cidr.isIpv4() ? lengths4 : lengths6;
    }
}
