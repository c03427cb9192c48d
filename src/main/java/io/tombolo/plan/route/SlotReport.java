package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import java.util.Collection;
import java.util.List;

/**
 * What a gateway slot says of itself in every probe, to a peer's gateways and to the nodes of its own cluster.
 *
 * @param incarnation of the process that speaks: another one after every start
 * @param serving false while it drains, or has not applied its plan yet
 * @param own prefixes whose pods are on its own node, at most {@link #MOST_OWN}: it is the shortest way to them
 * @param unreached prefixes behind it that it does not reach now, at most {@link #MOST_UNREACHED}: pods of its own cluster
 *     where a peer listens, a peer's where a node listens
 */
public record SlotReport(long incarnation, boolean serving, List<Cidr> own, List<Cidr> unreached) {
    public static final int MOST_OWN = 4;
    public static final int MOST_UNREACHED = 32;

    public SlotReport {
        own = List.copyOf(own);
        unreached = List.copyOf(unreached);
        if (own.size() > MOST_OWN || unreached.size() > MOST_UNREACHED) {
            throw new IllegalArgumentException(own.size() + " and " + unreached.size() + " prefixes in a report");
        }
    }

    /**
     * Of whatever there is to tell. A slot that reaches less than it can name does not serve: another is the better choice,
     * and where there is no other, nobody goes by this.
     */
    public static SlotReport of(long incarnation, boolean serving, Collection<Cidr> own, Collection<Cidr> unreached) {
        return new SlotReport(
                incarnation,
                serving && unreached.size() <= MOST_UNREACHED,
                own.stream().distinct().sorted().limit(MOST_OWN).toList(),
                unreached.stream().distinct().sorted().limit(MOST_UNREACHED).toList());
    }

    /** The same of a slot that another is to be preferred to. */
    public SlotReport withoutServing() {
        return new SlotReport(incarnation, false, own, unreached);
    }

    /** Whether the slot says nothing against sending to the whole of {@code prefix} by it. */
    public boolean reaches(Cidr prefix) {
        return !prefix.isCoveredBy(unreached);
    }

    /** Whether it can take the place of {@code other}: it serves, and reaches whatever that one does. */
    public boolean replaces(SlotReport other) {
        return serving && unreached.stream().allMatch(prefix -> prefix.isCoveredBy(other.unreached()));
    }

    public boolean isAt(Cidr prefix) {
        return prefix.isCoveredBy(own);
    }
}
