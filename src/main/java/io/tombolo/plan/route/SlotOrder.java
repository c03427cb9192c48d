package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which gateway slot serves a prefix: the one on its own node, then by rendezvous hashing. Everybody computes the same order
 * from the prefix and the slots alone, and a slot that comes or goes moves only its own share.
 */
public final class SlotOrder {
    private SlotOrder() {}

    /**
     * The slots in the order in which they serve {@code prefix}.
     *
     * @param atHome whether a slot is on the node of the prefix: such a one comes first
     */
    public static List<Integer> of(Cidr prefix, Collection<Integer> slots, Predicate<Integer> atHome) {
        List<Integer> order = of(prefix, slots);
        return Stream.concat(order.stream().filter(atHome), order.stream().filter(atHome.negate()))
                .toList();
    }

    /** The same where no slot is nearer than the others. */
    public static List<Integer> of(Cidr prefix, Collection<Integer> slots) {
        return of(prefix.toString(), slots);
    }

    /** For a node that has no prefix of its own: nodes of a flat pool share the slots by their names. */
    static List<Integer> of(String key, Collection<Integer> slots) {
        return slots.stream()
                .distinct()
                .sorted(Comparator.<Integer>comparingLong(slot -> weight(key, slot))
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    /** FNV-1a over the key's text, finished with the mixer of SplitMix64 so that neighbours do not correlate. */
    private static long weight(String key, int slot) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ b) * 0x100000001b3L;
        }
        hash += 0x9e3779b97f4a7c15L * (slot + 1);
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return (hash ^ (hash >>> 31)) >>> 1;
    }
}
