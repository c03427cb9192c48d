package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.host.CommandFailedException;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters of two gateways, and a pod on a node of neither: what new lane keys cost a flow of 1 kHz, which is nothing. */
final class RotationE2E {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory = Path.of(".");

    private SlotClusters clusters;

    @BeforeEach
    void twoClustersOfTwoGateways() throws Exception {
        clusters = new SlotClusters(directory);
        clusters.startAgents();
        clusters.traffic.echo("east");
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    private void rotate(String side, int slot) throws Exception {
        rotate(side, slot, () -> clusters.operator.retire(side, slot));
    }

    private void awaitNewKeys(String side, int slot) throws CommandFailedException {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> clusters.lanesWithNewestKey(side, slot) == 2 && !clusters.isLaneResting(side, slot));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(side + " " + slot + " keeps an old key" + clusters.lanes(), e);
        }
    }

    private void rotate(String side, int slot, PodTraffic.Event then) throws Exception {
        long from = System.nanoTime();
        clusters.operator.mint(side, slot);
        awaitNewKeys(side, slot);
        then.happens();
        System.out.println("both lanes of " + side + " " + slot + " have a new key after "
                + Duration.ofNanos(System.nanoTime() - from).toMillis() + " ms");
    }

    private void rotateTheOnlyOne(String side) throws Exception {
        rotate(side, 0, () -> clusters.operator.retire(side, 0));
    }

    @Test
    void aFlowLosesNothingWhileTheOnlyGatewayOfEachClusterChangesItsKeyAndThenBothAtOnce() throws Exception {
        clusters.operator.shrink();
        assertEquals(0, clusters.traffic.lost("west", 30_000, () -> {
            rotateTheOnlyOne("west");
            rotateTheOnlyOne("east");
            clusters.operator.mint("east", 0);
            rotate("west", 0, () -> {
                awaitNewKeys("east", 0);
                clusters.operator.retire("west", 0);
                clusters.operator.retire("east", 0);
            });
        }));
    }

    @Test
    void aFlowLosesNothingWhileEveryGatewayOfBothClustersChangesItsKey() throws Exception {
        assertEquals(0, clusters.traffic.lost("west", 20_000, () -> {
            for (String side : SlotWorld.CLUSTERS) {
                for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
                    rotate(side, slot);
                }
            }
        }));
    }
}
