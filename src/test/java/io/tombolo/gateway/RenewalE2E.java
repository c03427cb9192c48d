package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateway agents that agree on pre-shared keys: what that costs a flow of 1 kHz, and what becomes of a key that is lost. */
final class RenewalE2E {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path directory = Path.of(".");

    private TwoClusters clusters;
    private TwoClusters.Side west;
    private TwoClusters.Side east;

    @BeforeEach
    void twoNodesWithWireGuardProcesses() throws Exception {
        clusters = new TwoClusters();
        west = clusters.west;
        east = clusters.east;
        clusters.startWireGuard();
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    private Agent start(TwoClusters.Side side) throws IOException {
        Path file = directory.resolve(side.id + ".properties");
        side.write(file, side == west ? east : west, side.announcement(side.identity));
        return new Agent(side.agent(file, directory.resolve(side.id + ".state")), PATIENCE);
    }

    /** Starts both, and waits until they have met. Returns west's. */
    private Agent meet(int renewal) throws Exception {
        west.renewal = renewal;
        east.renewal = renewal;
        Agent westAgent = start(west);
        start(east).awaitUp("west");
        westAgent.awaitUp("east");
        return westAgent;
    }

    /** The key that both devices have, as soon as it is another one than {@code before}. */
    private String agreed(String before) {
        String[] key = {""};
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            key[0] = west.presharedKey();
            return !List.of(before, "(none)").contains(key[0]) && key[0].equals(east.presharedKey());
        });
        return key[0];
    }

    @Test
    void aFlowLosesNothingWhileTheKeyIsRenewedEverySecond() throws Exception {
        meet(1);
        String last = agreed("(none)");
        Set<String> keys = new HashSet<>(Set.of(last));
        east.echo(7000);
        Process flow = west.java("send", east.podAddress(), "7000", "6000");
        var lines = flow.inputReader();
        assertEquals("started " + west.podAddress(), lines.readLine());
        for (int i = 0; i < 3; i++) {
            last = agreed(last);
            keys.add(last);
        }
        assertEquals("lost " + clusters.starved(), lines.readLine());
        assertEquals(4, keys.size());
    }

    @Test
    void aFlowLosesNothingWhenAnAgentIsKilledAndTheNextOneGoesOnFromTheKeyOfTheDevice() throws Exception {
        Agent westAgent = meet(120);
        String key = agreed("(none)");
        east.echo(7000);
        Process flow = west.java("send", east.podAddress(), "7000", "5000");
        var lines = flow.inputReader();
        assertEquals("started " + west.podAddress(), lines.readLine());
        Namespace.stop(westAgent.process);
        assertEquals(List.of(key, key), List.of(west.presharedKey(), east.presharedKey()));

        start(west).awaitUp("east");
        assertNotEquals(key, agreed(key));
        assertEquals("lost " + clusters.starved(), lines.readLine());
    }

    @Test
    void aGatewayThatLostItsDeviceAndItsAgentIsReachedAgainAndAgreesOnAnotherKey() throws Exception {
        Agent westAgent = meet(120);
        String key = agreed("(none)");
        Namespace.stop(westAgent.process);
        west.gateway.run("ip", "link", "del", "tb0");
        west.gateway.serve("wireguard-go", "-f", "tb0");

        start(west).awaitUp("east");
        agreed(key);
    }
}
