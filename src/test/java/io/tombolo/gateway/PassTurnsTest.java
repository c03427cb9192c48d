package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PassTurnsTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(50);

    private final PassTurns turns = new PassTurns();

    @BeforeEach
    void theFirstPassIsDueAtOnce() throws InterruptedException {
        turns.await(LONG);
    }

    @Test
    void aChangedWorldIsNotWaitedFor() throws InterruptedException {
        turns.ended(LONG);
        turns.pathsChanged();
        turns.worldChanged();
        turns.await(LONG);
    }

    @Test
    void manyChangesOfPathsMakeOnePass() throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            turns.pathsChanged();
        }
        assertTrue(waited(LONG).compareTo(SHORT) > 0, "they are joined");
        assertTrue(waited(SHORT).compareTo(SHORT.minusMillis(5)) > 0, "and then there is nothing to do");
    }

    @Test
    void passesThatTakeLongLeaveTimeToOthers() throws InterruptedException {
        turns.ended(LONG);
        turns.pathsChanged();
        Duration limit = Duration.ofMillis(800);
        assertTrue(waited(limit).compareTo(limit.minusMillis(5)) > 0);
    }

    private Duration waited(Duration limit) throws InterruptedException {
        long begin = System.nanoTime();
        turns.await(limit);
        return Duration.ofNanos(System.nanoTime() - begin);
    }
}
