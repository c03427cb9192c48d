package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two clusters of two gateways: pre-shared keys are renewed every 5 s and lane keys every 10 s, for 10 minutes (or as many
 * as {@code -Dtombolo.soak.minutes} says). Run by name.
 */
final class RenewalSoakE2E {
    private static final int MINUTES = Integer.getInteger("tombolo.soak.minutes", 10);
    private static final Duration EACH = Duration.ofSeconds(10);

    @TempDir
    private Path directory = Path.of(".");

    private SlotClusters clusters;
    private final Set<String> keys = new HashSet<>();

    @BeforeEach
    void twoClustersOfTwoGateways() throws Exception {
        clusters = new SlotClusters(directory);
        clusters.renewal = 5;
        clusters.startAgents();
        clusters.traffic.echo("east");
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    @Test
    void aFlowLosesNothingWhileEveryKeyIsRenewedAllTheTime() throws Exception {
        Duration all = Duration.ofMinutes(MINUTES);
        long rotations = all.dividedBy(EACH) - 1;
        long lost = clusters.traffic.lost("west", (int) all.toMillis(), () -> {
            long began = System.nanoTime();
            for (int i = 0; i < rotations; i++) {
                rotate(i % 2 == 0 ? "west" : "east", i / 2 % 2);
                long next = began + EACH.multipliedBy(i + 1).toNanos();
                await().atMost(EACH.multipliedBy(2))
                        .pollInterval(Duration.ofMillis(500))
                        .until(() -> {
                            keys.add(clusters.presharedKey("west", 0, 0));
                            return System.nanoTime() - next > 0;
                        });
            }
        });
        System.out.println(rotations + " lane keys and " + keys.size() + " pre-shared keys of one lane were seen");
        assertEquals(0, lost);
        assertTrue(keys.size() > rotations, keys.size() + " pre-shared keys");
    }

    private void rotate(String side, int slot) throws Exception {
        clusters.operator.mint(side, slot);
        await().atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> clusters.lanesWithNewestKey(side, slot) == 2 && !clusters.isLaneResting(side, slot));
        clusters.operator.retire(side, slot);
    }
}
