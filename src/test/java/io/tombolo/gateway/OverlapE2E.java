package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two clusters of two gateways whose pods have the same addresses, on nodes that are no gateways: each knows the other's
 * pod as its alias.
 */
final class OverlapE2E {
    private static final String ECHO = "7000";
    private static final String WHO = "7001";
    private static final String CLOSED = "7002";

    @TempDir
    private Path directory = Path.of(".");

    private SlotClusters clusters;

    @BeforeEach
    void twoClustersWithTheSamePods() throws Exception {
        clusters = new SlotClusters(directory, true);
        clusters.traffic.countPlainPackets();
        clusters.startAgents();
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    /** Runs in the pod of a cluster. @return what it prints or, where it fails, its last words */
    private String inPod(String cluster, String script) {
        try {
            return clusters.machine(cluster, "pod").run("timeout", "10", "bash", "-c", script);
        } catch (CommandFailedException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Serves in the pod of a cluster, and returns when it listens. */
    private void serve(String cluster, String address, String what) throws Exception {
        clusters.machine(cluster, "pod").start("socat", address + ",fork", what);
        String port = address.replaceAll("[^:]*:([0-9]*).*", "$1");
        await().atMost(Duration.ofSeconds(10))
                .until(() -> clusters.machine(cluster, "pod").run("ss", "-tlnH").contains(":" + port));
    }

    @Test
    void eachKnowsTheOtherUnderItsAliasAndErrorsReachWhoCausedThem() throws Exception {
        assertEquals(clusters.ownAddress("west"), clusters.ownAddress("east"));
        for (String server : List.of("east", "west")) {
            String client = SlotWorld.other(server);
            String to = clusters.podAddress(server);
            clusters.traffic.echo(server);
            serve(server, "TCP-LISTEN:" + ECHO, "EXEC:cat");
            serve(server, "TCP-LISTEN:" + WHO, "SYSTEM:echo $SOCAT_PEERADDR");

            assertEquals(0, clusters.traffic.lost(client, 200, () -> {}), "UDP, and the alias is seen");
            String seen = inPod(client, "cat < /dev/tcp/" + to + "/" + WHO);
            assertEquals(clusters.podAddress(client), seen.strip(), "TCP, and the alias is seen");
            String through = "head -c 3000000 /dev/zero | socat -t 10 - TCP:" + to + ":" + ECHO + " | wc -c";
            assertEquals("3000000", inPod(client, through).strip(), "packets of full size");

            assertRefused(inPod(client, "exec 3<>/dev/tcp/" + to + "/" + CLOSED));
            assertRefused(inPod(client, "exec 3<>/dev/udp/" + to + "/" + CLOSED + "; echo x >&3; cat <&3"));
            // too big for a lane, and not for the way to it: the gateway says so, to an alias
            String big = "head -c 1430 /dev/zero | socat -u - UDP4:" + to + ":" + CLOSED + ",mtudiscover=2";
            await("the way's MTU is known").atMost(Duration.ofSeconds(10)).until(() -> {
                inPod(client, big);
                return inPod(client, "ip route get " + to).contains("mtu 1440");
            });
        }
        assertEquals(0, clusters.traffic.plainPackets());
    }

    private static void assertRefused(String answer) {
        assertTrue(answer.contains("Connection refused"), answer);
    }

    @Test
    void aFlowSurvivesThatItsGatewayLeavesAndThatItDies() throws Exception {
        clusters.traffic.echo("east");
        int slot = clusters.slotOf("west");
        assertEquals(0, clusters.traffic.lost("west", 3_000, () -> {
            clusters.faults.cordon("west", slot);
            await().atMost(Duration.ofSeconds(20)).until(() -> clusters.slotOf("west") != slot);
        }));
        int other = clusters.slotOf("east");
        long death =
                clusters.traffic.lost("west", 4_000, () -> clusters.faults.cut("east", other, SlotFaults.Loss.BOTH));
        System.out.println("gateway of east dies silently: " + death + " ms without answers");
        assertTrue(death < 3_000, () -> death + " of 4000 datagrams lost");
        assertNotEquals(other, clusters.slotOf("east"));
        assertEquals(0, clusters.traffic.plainPackets());
    }
}
