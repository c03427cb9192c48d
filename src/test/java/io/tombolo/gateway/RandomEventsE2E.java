package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Whatever happens to gateways, one thing after the other, after each everything in the kernels is as a fresh install would
 * have it, and nothing left in plain text. Ten events; {@code -Dtombolo.faults.events} for more, as {@code e2e/faults} does.
 */
final class RandomEventsE2E extends FaultSuite {
    private static final int EVENTS = Integer.getInteger("tombolo.faults.events", 10);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private record Event(String what, Act act) {}

    private final List<Event> events = List.of(
            new Event("its agent is killed", this::restart),
            new Event("its state is cut short", this::corruptState),
            new Event("its state is lost", this::loseState),
            new Event("it is drained", this::drainAny),
            new Event("its lanes are deleted", this::deleteLanes),
            new Event("its keys change", this::rotate),
            new Event("it is replaced", victim -> clusters.operator.replace(victim.side(), victim.slot())),
            new Event("its routes and tables are flushed", v -> clusters.faults.flush(v.side(), v.slot())),
            new Event("its network is away for a second", this::interrupt),
            new Event("its node is started again", this::reboot),
            new Event("its cluster's link is deleted, and applied again", this::relink),
            new Event("both clusters lose a gateway, and get it back", this::scale));

    @Test
    void everythingIsAsAFreshInstallWouldHaveItAfterAnyEvent() throws Exception {
        clusters.traffic.countPlainPackets();
        Process flow = clusters.traffic.flow("west", Integer.MAX_VALUE);
        assertEquals(
                "started " + clusters.podAddress("west"), flow.inputReader().readLine());
        for (int number = 1; number <= EVENTS; number++) {
            Event event = events.get(random.nextInt(events.size()));
            Victim victim = new Victim(
                    SlotWorld.CLUSTERS.get(random.nextInt(SlotWorld.CLUSTERS.size())), random.nextInt(SlotWorld.SLOTS));
            System.out.printf("event %d: %s %d: %s%n", number, victim.side(), victim.slot(), event.what);
            event.act.on(victim);
            Duration took = Duration.ofNanos(asBefore());
            assertTrue(took.compareTo(LIMIT) <= 0, () -> event.what + ": as before after " + took);
        }
        assertTrue(flow.isAlive());
        assertEquals(0, clusters.traffic.plainPackets());
    }

    private void loseState(Victim victim) throws Exception {
        kill(victim);
        try (var files = Files.list(clusters.state(victim.side(), victim.slot()))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        start(victim);
    }

    /** Also one that carries nothing. */
    private void drainAny(Victim victim) throws Exception {
        if (clusters.slotOf(victim.side()) == victim.slot()) {
            drain(victim);
        } else {
            clusters.faults.cordon(victim.side(), victim.slot());
            clusters.faults.uncordon(victim.side(), victim.slot());
        }
    }

    private void reboot(Victim victim) throws Exception {
        clusters.faults.powerOff(victim.side(), victim.slot());
        await().atMost(PATIENCE).until(() -> clusters.isForgotten(victim.side(), victim.slot())); // no node is faster
        clusters.faults.powerOn(victim.side(), victim.slot());
        start(victim);
    }

    private void relink(Victim victim) throws Exception {
        clusters.operator.unlink(victim.side());
        await().atMost(PATIENCE).until(() -> clusters.isUnlinked(victim.side()));
        clusters.operator.link(victim.side());
        clusters.awaitLanes();
    }

    private void scale(Victim any) throws Exception {
        clusters.operator.shrink();
        clusters.operator.grow();
    }
}
