package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Which slot carries a prefix now: the first in the prefix's order that is heard, serves and reaches it. A gateway chooses
 * so among a peer's slots, a node among those of its own cluster; nobody asks anybody, and two that choose differently do
 * no harm.
 *
 * <p>Where no slot is as it should be the next best is taken, never none: one that drains still carries packets, and what
 * is silent may only have stopped to answer probes. A slot that was never heard comes last of all: it is only being placed,
 * and what seems silent beside it is where the packets pass.
 */
public final class SlotChoice {
    private enum Fitness {
        SERVES,
        DRAINS,
        DOES_NOT_REACH,
        SILENT,
        NEVER_HEARD
    }

    private SlotChoice() {}

    /**
     * @param order every slot, the first choice first; not empty
     * @param seen by slot; of a slot that is absent nothing is known
     */
    public static int of(Cidr prefix, List<Integer> order, Map<Integer, PathState> seen) {
        return first(order, seen, report -> report.reaches(prefix));
    }

    /** Who carries for {@code slot} whatever was its: itself while it is as good as any other. */
    public static int stead(int slot, List<Integer> order, Map<Integer, PathState> seen) {
        List<Integer> itselfFirst = new ArrayList<>(order);
        itselfFirst.remove((Integer) slot);
        itselfFirst.addFirst(slot);
        return first(itselfFirst, seen, _ -> true);
    }

    private static int first(List<Integer> order, Map<Integer, PathState> seen, Predicate<SlotReport> reaches) {
        int best = order.getFirst();
        for (int slot : order) {
            if (fitness(slot, seen, reaches).compareTo(fitness(best, seen, reaches)) < 0) {
                best = slot;
            }
        }
        return best;
    }

    private static Fitness fitness(int slot, Map<Integer, PathState> seen, Predicate<SlotReport> reaches) {
        return switch (seen.getOrDefault(slot, new PathState.Unknown())) {
            case PathState.Up(SlotReport report) when !reaches.test(report) -> Fitness.DOES_NOT_REACH;
            case PathState.Up(SlotReport report) -> report.serving() ? Fitness.SERVES : Fitness.DRAINS;
            case PathState.Down(Problem reason) when reason != Problem.NEVER_CONNECTED -> Fitness.SILENT;
            case PathState.Down _, PathState.Unknown _ -> Fitness.NEVER_HEARD;
        };
    }
}
