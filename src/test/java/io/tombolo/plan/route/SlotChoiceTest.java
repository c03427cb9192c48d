package io.tombolo.plan.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Cidr;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which slot carries a prefix. */
final class SlotChoiceTest {
    private static final Cidr PODS = Cidr.parse("10.52.7.0/24");
    private static final PathState UNKNOWN = new PathState.Unknown();
    private static final PathState SILENT = new PathState.Down(Problem.UNREACHABLE);
    private static final PathState SERVES = up(true);
    private static final PathState DRAINS = up(false);
    private static final PathState CUT_OFF = up(true, "10.52.0.0/16");

    private static PathState up(boolean serving, String... unreached) {
        return new PathState.Up(SlotReport.of(
                1,
                serving,
                List.of(),
                List.of(unreached).stream().map(Cidr::parse).toList()));
    }

    private static int chosen(PathState first, PathState second, PathState third) {
        return SlotChoice.of(PODS, List.of(4, 2, 7), Map.of(4, first, 2, second, 7, third));
    }

    @Test
    void theFirstOfTheOrderThatServesAndReachesThePrefixCarriesIt() {
        assertEquals(4, chosen(SERVES, SERVES, SERVES));
        assertEquals(2, chosen(SILENT, SERVES, SERVES));
        assertEquals(7, chosen(SILENT, DRAINS, SERVES));
        assertEquals(2, chosen(CUT_OFF, SERVES, SERVES));
    }

    @Test
    void whereNoneIsAsItShouldBeTheNextBestCarriesItAndNeverNone() {
        assertEquals(2, chosen(SILENT, DRAINS, SILENT));
        assertEquals(2, chosen(CUT_OFF, DRAINS, UNKNOWN));
        assertEquals(4, chosen(SILENT, SILENT, UNKNOWN));
        assertEquals(2, chosen(SILENT, CUT_OFF, SILENT));
        assertEquals(4, chosen(SILENT, SILENT, SILENT));
        assertEquals(4, chosen(UNKNOWN, UNKNOWN, UNKNOWN));
        assertEquals(4, chosen(DRAINS, DRAINS, DRAINS));
    }

    @Test
    void aSlotOfWhichNothingIsKnownIsNotPreferredToOneThatSpeaks() {
        assertEquals(2, SlotChoice.of(PODS, List.of(4, 2), Map.of(2, SERVES)));
        assertEquals(2, SlotChoice.of(PODS, List.of(4, 2), Map.of(2, DRAINS)));
        assertEquals(2, SlotChoice.of(PODS, List.of(4, 2), Map.of(2, CUT_OFF)));
        assertEquals(2, SlotChoice.stead(4, List.of(4, 2), Map.of(2, SERVES)));
    }

    @Test
    void aSlotThatWasNeverHeardCarriesNothingWhileTheOneInUseIsThoughtSilent() {
        PathState never = new PathState.Down(Problem.NEVER_CONNECTED);
        for (PathState placed : List.of(UNKNOWN, never)) {
            assertEquals(2, SlotChoice.of(PODS, List.of(4, 2), Map.of(4, placed, 2, SILENT)));
            assertEquals(2, SlotChoice.stead(2, List.of(4, 2), Map.of(4, placed, 2, SILENT)));
        }
    }

    @Test
    void aSlotThatDoesNotReachAPartOfAPrefixStillCarriesThePrefix() {
        assertEquals(4, SlotChoice.of(PODS, List.of(4, 2), Map.of(4, up(true, "10.52.7.64/26"), 2, SERVES)));
    }

    @Test
    void whatWasASilentSlotsGoesToTheNextAndALivingOneKeepsItsOwn() {
        Map<Integer, PathState> seen = Map.of(0, SILENT, 1, SERVES, 2, SERVES);
        assertEquals(2, SlotChoice.stead(0, List.of(0, 2, 1), seen));
        assertEquals(1, SlotChoice.stead(1, List.of(0, 2, 1), seen));
        assertEquals(0, SlotChoice.stead(0, List.of(0, 2, 1), Map.of(0, SILENT, 1, SILENT, 2, SILENT)));
    }

    @Test
    void aSlotThatReachesLessThanItCanNameSaysThatItDoesNotServe() {
        List<Cidr> many = new ArrayList<>();
        IntStream.rangeClosed(0, SlotReport.MOST_UNREACHED).forEach(i -> many.add(Cidr.parse("10." + i + ".0.0/16")));
        assertEquals(false, SlotReport.of(1, true, List.of(), many).serving());
        assertEquals(
                true,
                SlotReport.of(1, true, List.of(), many.subList(1, many.size())).serving());
    }

    @Test
    void theSlotOnThePrefixsOwnNodeComesFirstAndTheOthersKeepTheirOrder() {
        List<Integer> order = SlotOrder.of(PODS, Set.of(0, 1, 2, 3));
        int last = order.getLast();
        List<Integer> nearest = SlotOrder.of(PODS, Set.of(0, 1, 2, 3), slot -> slot == last);
        assertEquals(last, nearest.getFirst());
        assertEquals(order.subList(0, 3), nearest.subList(1, 4));
    }

    @Test
    void aSlotThatGoesMovesOnlyItsOwnShareAndEverySlotHasOne() {
        List<Cidr> parts = Parts.of(List.of(Cidr.parse("10.52.0.0/16")), 256);
        Set<Integer> four = Set.of(0, 1, 2, 3);
        int[] share = new int[4];
        for (Cidr part : parts) {
            int slot = SlotOrder.of(part, four).getFirst();
            share[slot]++;
            if (slot != 3) {
                assertEquals(slot, SlotOrder.of(part, Set.of(0, 1, 2)).getFirst());
            }
        }
        for (int of : share) {
            assertEquals(64, of, 20, "parts of one slot of four");
        }
    }
}
