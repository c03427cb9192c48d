package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.tunnel.LinkView.Access;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two gateways, real devices, real packets. */
final class DataPlaneTest {
    private TwoClusters clusters;
    private TwoClusters.Side west;
    private TwoClusters.Side east;

    @BeforeEach
    void twoNodesWithWireGuardProcesses() throws Exception {
        clusters = new TwoClusters();
        west = clusters.west;
        east = clusters.east;
        for (TwoClusters.Side side : List.of(west, east)) {
            for (String device : List.of("tbdoor", "tb0")) {
                side.gateway.start("wireguard-go", "-f", device);
            }
        }
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    private void converge(TwoClusters.Side side, DataPlane plane, Access access, Exposure exposure) {
        Awaitility.await("the data plane of " + side.id + " is as planned")
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> {
                    DataPlane.Outcome outcome = plane.apply(clusters.topology(side, access), side.keys(), exposure);
                    assertTrue(outcome.ready(), () -> outcome.findings() + " " + outcome.changes());
                });
    }

    @Test
    void carriesPacketsWithThePodsOwnAddressAndLosesNoneWhenTheAgentStartsAgain() throws Exception {
        DataPlane first = west.dataPlane();
        converge(west, first, Access.ALL_PODS, Exposure.NOTHING);
        converge(east, east.dataPlane(), Access.ALL_PODS, Exposure.NOTHING);
        east.echo(7000);
        String session = west.gateway.run("wg", "show", "tb0", "latest-handshakes");

        Process flow = west.java("send", east.podAddress(), "7000", "4000");
        var lines = flow.inputReader();
        assertEquals("started " + west.podAddress(), lines.readLine());
        for (int i = 0; i < 5; i++) {
            DataPlane.Outcome again =
                    west.dataPlane().apply(clusters.topology(west, Access.ALL_PODS), west.keys(), Exposure.NOTHING);
            assertTrue(again.ready());
            assertEquals(List.of("table inet tombolo_gateway applied"), again.changes());
        }
        assertEquals("lost 0", lines.readLine());
        assertTrue(session.length() > 44, "the peer is there");
        assertEquals(
                List.of(),
                first.apply(clusters.topology(west, Access.ALL_PODS), west.keys(), Exposure.NOTHING).changes().stream()
                        .filter(c -> !c.startsWith("table"))
                        .toList());
    }
}
