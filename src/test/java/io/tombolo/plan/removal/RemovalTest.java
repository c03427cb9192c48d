package io.tombolo.plan.removal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.plan.removal.Removal.Decision;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What an agent does with its node, by what it knows. */
final class RemovalTest {
    @Test
    void aGatewayThatIsOneTooManyCleansItsNodeOnceNothingIsOnItsWayToItAnyMore() {
        assertEquals(Decision.KEEP, Removal.whileRunning(Evidence.SLOT_UNWANTED));
        assertEquals(Decision.WAIT, Removal.whenStopping(Evidence.SLOT_UNWANTED, Duration.ofMillis(500)));
        assertEquals(Decision.CLEAN, Removal.whenStopping(Evidence.SLOT_UNWANTED, Duration.ofMillis(1_500)));
    }

    @Test
    void whoeverIsStillSomebodyKeepsEverything() {
        for (Evidence evidence : new Evidence[] {Evidence.KNOWN, Evidence.SILENCE}) {
            assertEquals(Decision.KEEP, Removal.whenStopping(evidence, Duration.ZERO));
        }
    }
}
