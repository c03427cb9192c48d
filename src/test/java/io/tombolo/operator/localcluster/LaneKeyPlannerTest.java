package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.operator.localcluster.LaneKeyPlanner.Schedule;
import io.tombolo.operator.localcluster.LaneKeyPlanner.Slot;
import io.tombolo.operator.localcluster.LaneKeyPlanner.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which lane key comes or goes next. */
final class LaneKeyPlannerTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
    private static final Schedule NEVER = new Schedule(Optional.empty(), Optional.empty());
    private static final Schedule DAILY = new Schedule(Optional.of(Duration.ofDays(1)), Optional.empty());

    private static Slot settled(int slot, Instant since) {
        return new Slot(slot, 3, 3, since, true);
    }

    private static Slot changing(int slot, Instant since, boolean taken) {
        return new Slot(slot, 3, 4, since, taken);
    }

    private static Schedule asked(Instant at) {
        return new Schedule(Optional.empty(), Optional.of(at));
    }

    private static Optional<Step> next(Schedule schedule, Slot... slots) {
        return LaneKeyPlanner.next(List.of(slots), schedule, NOON);
    }

    @Test
    void aKeyIsFollowedByAnotherWhenItIsOldEnough() {
        Instant yesterday = NOON.minus(Duration.ofDays(1));
        assertEquals(Optional.empty(), next(NEVER, settled(0, Instant.EPOCH)));
        assertEquals(Optional.empty(), next(DAILY, settled(0, yesterday.plusSeconds(1))));
        assertEquals(Optional.of(new Step.Mint(0, 4)), next(DAILY, settled(0, yesterday)));
    }

    @Test
    void whoAsksGetsKeysThatAreNewerThanTheWish() {
        Slot old = settled(0, NOON.minusSeconds(10));
        assertEquals(Optional.of(new Step.Mint(0, 4)), next(asked(NOON), old));
        assertEquals(Optional.empty(), next(asked(NOON), settled(0, NOON)));
        assertEquals(Optional.empty(), next(asked(NOON.plusSeconds(1)), old), "the time has not come");
    }

    @Test
    void oneSlotChangesAtATime() {
        Instant old = NOON.minusSeconds(600);
        assertEquals(
                Optional.of(new Step.Mint(0, 4)), next(asked(NOON.minusSeconds(5)), settled(1, old), settled(0, old)));
        assertEquals(
                Optional.empty(),
                next(asked(NOON.minusSeconds(5)), changing(0, NOON.minusSeconds(4), false), settled(1, old)));
        assertEquals(
                Optional.of(new Step.Retire(0)),
                next(asked(NOON.minusSeconds(5)), changing(0, NOON.minusSeconds(4), true), settled(1, old)));
        assertEquals(
                Optional.of(new Step.Mint(1, 4)),
                next(asked(NOON.minusSeconds(5)), settled(0, NOON.minusSeconds(4)), settled(1, old)));
    }

    @Test
    void whoHasNotFollowedIsLeftBehindWhenTheNextTurnComes() {
        Instant yesterday = NOON.minus(Duration.ofDays(1));
        assertEquals(Optional.empty(), next(DAILY, changing(0, yesterday.plusSeconds(1), false)));
        assertEquals(Optional.of(new Step.Retire(0)), next(DAILY, changing(0, yesterday, false)));
        Slot fresh = changing(0, NOON.minusSeconds(50), false);
        assertEquals(Optional.empty(), next(asked(NOON), fresh), "asked twice in a row");
        Slot stuck = changing(0, NOON.minusSeconds(70), false);
        assertEquals(Optional.of(new Step.Retire(0)), next(asked(NOON), stuck));
    }
}
