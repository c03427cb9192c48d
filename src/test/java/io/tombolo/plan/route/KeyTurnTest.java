package io.tombolo.plan.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.ClusterId;
import io.tombolo.problem.Problem;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which lane changes its key next. */
final class KeyTurnTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final PathState HEARD = new PathState.Up(SlotReport.of(1, true, List.of(), List.of()));
    private static final PathState SILENT = new PathState.Down(Problem.UNREACHABLE);

    private static KeyTurn.Lane lane(int lane, boolean turned, KeyTurn.Way... ways) {
        return new KeyTurn.Lane(lane, turned, List.of(ways));
    }

    private static KeyTurn.Way way(int lane, PathState state, boolean follows, boolean hasOther) {
        return new KeyTurn.Way(EAST, lane, state, follows, hasOther);
    }

    @Test
    void lanesChangeOneAfterTheOther() {
        KeyTurn.Lane first = lane(0, false, way(0, HEARD, true, true));
        KeyTurn.Lane second = lane(1, false, way(1, HEARD, true, true));
        assertEquals(new KeyTurn.Turn(0), KeyTurn.plan(List.of(first, second)));
        assertEquals(new KeyTurn.Turn(1), KeyTurn.plan(List.of(lane(0, true, way(0, HEARD, true, true)), second)));
        assertEquals(new KeyTurn.Done(), KeyTurn.plan(List.of(lane(0, true), lane(1, true))));
    }

    @Test
    void aPeerThatLivesAndDoesNotFollowHoldsItsLaneAndNoOther() {
        KeyTurn.Way held = way(0, HEARD, false, true);
        assertEquals(
                new KeyTurn.Turn(1),
                KeyTurn.plan(List.of(lane(0, false, held), lane(1, false, way(1, HEARD, true, true)))));
        assertEquals(
                new KeyTurn.Wait(List.of(held)),
                KeyTurn.plan(List.of(lane(0, false, held), lane(1, true, way(1, HEARD, true, true)))));
    }

    @Test
    void aLaneThatIsTheOnlyWayWaits() {
        KeyTurn.Way only = way(0, HEARD, true, false);
        assertEquals(new KeyTurn.Wait(List.of(only)), KeyTurn.plan(List.of(lane(0, false, only))));
    }

    @Test
    void whoIsSilentHoldsNothingAndWhoIsNotKnownYetDoes() {
        assertEquals(new KeyTurn.Turn(0), KeyTurn.plan(List.of(lane(0, false, way(0, SILENT, false, false)))));
        KeyTurn.Way unknown = way(0, new PathState.Unknown(), false, true);
        assertEquals(new KeyTurn.Wait(List.of(unknown)), KeyTurn.plan(List.of(lane(0, false, unknown))));
    }
}
