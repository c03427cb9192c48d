package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.StateDirectory;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.route.Sights;
import io.tombolo.plan.tunnel.LinkView.Access;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways, real devices, real packets. */
final class DataPlaneE2E {
    private TwoClusters clusters;
    private TwoClusters.Side west;
    private TwoClusters.Side east;
    private final Path directory;

    @SuppressWarnings("NullAway.Init") // JUnit calls twoNodesWithWireGuardProcesses first
    DataPlaneE2E(@TempDir Path directory) {
        this.directory = directory;
    }

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

    private DataPlane dataPlane(TwoClusters.Side side) throws IOException {
        return side.dataPlane(StateDirectory.open(directory.resolve(side.id.value())));
    }

    private void converge(TwoClusters.Side side, DataPlane plane, Access access, Exposure exposure) {
        Awaitility.await("the data plane of " + side.id + " is as planned")
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    DataPlane.Outcome outcome = plane.apply(
                            clusters.topology(side, access), side.keys(), exposure, () -> Sights.NONE, true, Set.of());
                    assertTrue(outcome.ready(), () -> outcome.findings() + " " + outcome.changes());
                });
    }

    @Test
    void carriesPacketsWithThePodsOwnAddressAndLosesNoneWhenTheAgentStartsAgain() throws Exception {
        DataPlane first = dataPlane(west);
        converge(west, first, Access.ALL_PODS, Exposure.NOTHING);
        converge(east, dataPlane(east), Access.ALL_PODS, Exposure.NOTHING);
        east.echo(7000);
        int count = 4000;

        Process flow = west.java("send", east.podAddress(), "7000", Integer.toString(count));
        var lines = flow.inputReader();
        assertEquals("started " + west.podAddress(), lines.readLine());
        for (int i = 0; i < 5; i++) {
            DataPlane.Outcome again = dataPlane(west)
                    .apply(
                            clusters.topology(west, Access.ALL_PODS),
                            west.keys(),
                            Exposure.NOTHING,
                            () -> Sights.NONE,
                            true,
                            Set.of());
            assertTrue(again.ready());
            assertEquals(List.of(), again.changes());
        }
        String lost = lines.readLine();
        assertEquals("lost " + clusters.starved(), lost);
        assertTrue(west.sentByLane() >= (long) count * UdpFlow.BYTES_IN_LANE, "one session for the whole flow");
        assertEquals(
                List.of(),
                first
                        .apply(
                                clusters.topology(west, Access.ALL_PODS),
                                west.keys(),
                                Exposure.NOTHING,
                                () -> Sights.NONE,
                                true,
                                Set.of())
                        .changes()
                        .stream()
                        .filter(c -> !c.startsWith("table"))
                        .toList());
    }

    /** wireguard-go listens on a port by chance until it is told one: one gateway in ten thousand meets this. */
    @Test
    void devicesThatHoldEachOthersPortsAreSortedOut() throws Exception {
        west.gateway.serve("wireguard-go", "-f", "tb1");
        hold("tb1", TwoClusters.PORT);
        hold("tb0", Wire.lanePort(TwoClusters.PORT, 1));

        converge(west, dataPlane(west), Access.ALL_PODS, Exposure.NOTHING);

        assertEquals(
                List.of("tb0\t51821", "tb1\t51822", "tbdoor\t51820"),
                west.gateway
                        .run("wg", "show", "all", "listen-port")
                        .lines()
                        .sorted()
                        .toList());
    }

    private void hold(String device, int port) {
        Awaitility.await(device + " listens on " + port)
                .ignoreException(CommandFailedException.class)
                .until(() -> {
                    west.gateway.run("wg", "set", device, "listen-port", Integer.toString(port));
                    return !west.gateway
                            .run("ss", "-Huln", "sport", "=", Integer.toString(port))
                            .isEmpty();
                });
    }

    @Test
    void whoSpeaksToADeadPeerIsToldSoUntilItLivesAgain() throws Exception {
        DataPlane plane = dataPlane(west);
        converge(west, plane, Access.ALL_PODS, Exposure.NOTHING);
        converge(east, dataPlane(east), Access.ALL_PODS, Exposure.NOTHING);
        awaitAnswer("Connection refused");
        Topology topology = clusters.topology(west, Access.ALL_PODS);
        Sights dead = Sights.NONE.with(Set.of(east.id));

        assertEquals(List.of(), plane.bury(topology, () -> Sights.NONE), "nobody is dead");
        assertEquals(1, plane.bury(topology, () -> dead).size());
        assertTrue(answer().contains("No route to host"), this::answer);
        assertEquals(List.of(), plane.bury(topology, () -> dead), "once");

        converge(west, plane, Access.ALL_PODS, Exposure.NOTHING);
        awaitAnswer("Connection refused");
    }

    private void awaitAnswer(String words) {
        Awaitility.await(words).atMost(Duration.ofSeconds(10)).until(() -> answer().contains(words));
    }

    /** What a pod in west hears that connects to a pod in east, where nobody listens; empty: nothing. */
    private String answer() {
        try {
            // an error that comes back while connect() still sends is only heeded with the second packet, a second
            // later
            return west.pod.run("timeout", "5", "bash", "-c", "exec 3<>/dev/tcp/" + east.podAddress() + "/7000");
        } catch (CommandFailedException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
