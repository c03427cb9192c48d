package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters of two gateways, and a pod on a node of neither: what a gateway that goes costs a flow of 1 kHz. */
final class FailoverE2E {
    /** No clock of a busy machine is to fail this: the figure is printed. */
    private static final int BEARABLE = 3_000;

    @TempDir
    private Path directory = Path.of(".");

    private SlotClusters clusters;

    @BeforeEach
    void twoClustersOfTwoGateways() throws Exception {
        clusters = new SlotClusters(directory);
        clusters.startAgents();
        clusters.echo("east");
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    private long lost(int count, SlotClusters.Event event) throws Exception {
        return clusters.lost("west", count, event);
    }

    private void survives(String side, SlotClusters.Loss loss) throws Exception {
        int slot = clusters.slotOf(side);
        long death = lost(4_000, () -> clusters.cut(side, slot, loss));
        System.out.println("gateway of " + side + " loses " + loss + " silently: " + death + " ms without answers");
        assertTrue(death > 0, "a flow that a silent death costs nothing went elsewhere, or had not begun");
        assertTrue(death < BEARABLE, () -> death + " of 4000 datagrams lost");
        assertEquals(1 - slot, clusters.slotOf(side));

        long back = lost(4_000, () -> clusters.mend(side, slot));
        System.out.println("it comes back: " + back + " ms without answers");
        await().atMost(Duration.ofSeconds(20)).until(() -> clusters.slotOf(side) == slot);
        assertTrue(back < BEARABLE, () -> back + " of 4000 datagrams lost");
    }

    @Test
    void aFlowSurvivesTheSilentDeathOfEitherSidesGatewayAndItsReturn() throws Exception {
        survives("west", SlotClusters.Loss.BOTH);
        survives("east", SlotClusters.Loss.BOTH);
    }

    @Test
    void aFlowSurvivesAGatewayThatIsHeardAndHearsNothingOrHearsAndIsNotHeard() throws Exception {
        survives("west", SlotClusters.Loss.IN);
        survives("east", SlotClusters.Loss.OUT);
    }

    @Test
    void aFlowLosesNothingWhileAGatewaysAgentStandsStillNorWhenItIsKilledAndStartedAgain() throws Exception {
        int slot = clusters.slotOf("west");
        assertEquals(0, lost(6_000, () -> {
            clusters.signal("west", slot, "STOP");
            await().atMost(Duration.ofSeconds(20)).until(() -> clusters.slotOf("west") == 1 - slot);
            clusters.signal("west", slot, "CONT");
            await().atMost(Duration.ofSeconds(20)).until(() -> clusters.slotOf("west") == slot);
            clusters.signal("west", slot, "KILL");
            clusters.startGateway("west", slot);
            clusters.awaitLanes("west", slot);
        }));
    }

    @Test
    void aFlowLosesNothingWhenAGatewaysNodeIsCordonedAndUncordoned() throws Exception {
        for (String side : new String[] {"west", "east"}) {
            int slot = clusters.slotOf(side);
            assertEquals(0, lost(4_000, () -> {
                clusters.cordon(side, slot);
                await().atMost(Duration.ofSeconds(20)).until(() -> clusters.slotOf(side) == 1 - slot);
            }));
            assertEquals(0, lost(4_000, () -> {
                clusters.uncordon(side, slot);
                await().atMost(Duration.ofSeconds(20)).until(() -> clusters.slotOf(side) == slot);
            }));
        }
    }

    @Test
    void aFlowLosesNothingWhenBothClustersLoseAndGainAGatewayAtOnce() throws Exception {
        assertEquals(0, lost(8_000, clusters::shrink));
        assertEquals(0, lost(12_000, clusters::grow));
    }
}
