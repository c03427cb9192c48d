package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.ClusterId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WriteBudgetTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final ClusterId NORTH = new ClusterId("north");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource source = () -> now;
    private final WriteBudget<Integer> budget = new WriteBudget<>(source.withZone(ZoneOffset.UTC), 0);

    private int taken(ClusterId link, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += budget.take(link, i) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void sixWritesOfALinkInAnyMinute() {
        assertTrue(taken(EAST, 10) == 6 && taken(NORTH, 10) == 6);
        now = now.plusSeconds(60);
        assertFalse(budget.take(EAST, 99));
        now = now.plusMillis(1);
        assertTrue(budget.take(EAST, 99));
    }

    @Test
    void whatIsOnItsWayIsNotWrittenAgain() {
        assertTrue(budget.take(EAST, 1));
        assertFalse(budget.take(EAST, 1));
        now = now.plus(Duration.ofSeconds(2));
        assertTrue(budget.take(EAST, 1));
    }

    @Test
    void whatCannotWaitFindsAWriteAfterAnyNumberOfOthers() {
        WriteBudget<Integer> reserved = new WriteBudget<>(source.withZone(ZoneOffset.UTC), 1);
        int flaps = 0;
        while (reserved.take(EAST, flaps)) {
            reserved.spend(EAST, -1);
            flaps++;
        }
        assertEquals(3, flaps, "six in the minute: each that waits, and each that does not");
        assertEquals(Optional.of(-1), reserved.onItsWay(EAST));
        now = now.plusSeconds(2);
        assertEquals(Optional.empty(), reserved.onItsWay(EAST));
    }

    @Test
    void aLinkThatIsMadeAnewOwesNothing() {
        taken(EAST, 6);
        taken(NORTH, 6);
        budget.keep(Set.of(NORTH));
        assertTrue(budget.take(EAST, 7));
        assertFalse(budget.take(NORTH, 7));
    }
}
