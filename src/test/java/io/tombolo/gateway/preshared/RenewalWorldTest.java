package io.tombolo.gateway.preshared;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.PresharedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@link RenewalWorld}s in which everything goes wrong. A failure names its seed. */
final class RenewalWorldTest {
    private static final int SECOND = RenewalWorld.SECOND;
    private static final Duration EVERY = Duration.ofSeconds(120);
    /** How many worlds of each kind; more by night. */
    private static final int WORLDS = Integer.getInteger("renewal.worlds", 10);

    @Test
    void everySessionAfterTheFirstHasAKeyOfItsOwn() {
        RenewalWorld world = new RenewalWorld(0, 0, EVERY);
        world.pass(5 * SECOND);
        List<PresharedKey> keys = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Optional<Instant> last = world.handshake();
            while (world.handshake().equals(last)) {
                world.pass(1);
            }
            keys.add(world.agreed());
        }
        assertEquals(30, keys.stream().map(PresharedKey::encoded).distinct().count());
    }

    @Test
    void whateverIsLostAndWhicheverAgentIsKilledWheneverAndForHowLongThereIsAlwaysASession() {
        for (long seed = 1; seed <= WORLDS; seed++) {
            RenewalWorld world = world(seed, seed % 3 == 0 ? 0.4 : 0.05);
            while (world.step() < 3 * RenewalWorld.HOUR) {
                live(world, world.some(150 * SECOND), seed);
                world.killAnAgent();
                live(world, world.some(world.some(2) == 0 ? 400 * SECOND : SECOND), seed);
                world.startAgents();
            }
        }
    }

    private static RenewalWorld world(long seed, double loss) {
        return new RenewalWorld(seed, loss, seed % 2 == 0 ? EVERY : Duration.ofSeconds(5));
    }

    private static void live(RenewalWorld world, int steps, long seed) {
        for (int i = 0; i < steps; i++) {
            world.pass(1);
            assertTrue(world.hasSession(), () -> "seed " + seed + ", step " + world.step());
        }
    }

    @Test
    void aLinkThatWasCutOrLostADeviceHasASessionWithinSecondsAndAKeyAgain() {
        for (long seed = 1; seed <= WORLDS; seed++) {
            RenewalWorld world = world(seed, 0.05);
            for (int i = 0; i < 10; i++) {
                heals(world, seed);
            }
        }
    }

    private static void heals(RenewalWorld world, long seed) {
        world.pass(world.some(200 * SECOND));
        if (world.some(2) == 0) {
            world.cut();
            world.pass(world.some(400 * SECOND));
            world.mend();
        } else {
            world.reset();
            world.pass(world.some(20 * SECOND));
            world.startAgents();
        }
        world.pass(10 * SECOND);
        assertTrue(world.hasSession(), () -> "seed " + seed + ", step " + world.step());
        world.pass(60 * SECOND);
        world.agreed();
    }

    @Test
    void whateverOrderThingsHappenInBothEndsEndUpWithTheSameKey() {
        int[] choices = new int[5];
        int worlds = 0;
        do {
            RenewalWorld world = new RenewalWorld(worlds++, 0, EVERY);
            for (int choice : choices) {
                world.happen(choice);
            }
            world.pass(20 * SECOND);
            world.agreed();
        } while (next(choices));
        assertEquals(7_776, worlds);
    }

    private static boolean next(int[] choices) {
        for (int i = 0; i < choices.length; i++) {
            choices[i] = (choices[i] + 1) % 6;
            if (choices[i] != 0) {
                return true;
            }
        }
        return false;
    }
}
