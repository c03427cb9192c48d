package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.host.CommandFailedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters of two gateways and a pod on a node of neither: what the path takes is known there, too. */
final class WorkerMtuE2E {
    @TempDir
    private Path directory = Path.of(".");

    private SlotClusters clusters;

    @BeforeEach
    void twoClustersOfTwoGateways() throws Exception {
        clusters = new SlotClusters(directory);
        clusters.startAgents();
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    private void narrow(int mtu) throws CommandFailedException {
        for (String cluster : SlotWorld.CLUSTERS) {
            for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
                clusters.faults.narrow(cluster, slot, mtu);
            }
        }
    }

    private int mtuOf(String cluster, int slot) throws CommandFailedException {
        String routes =
                clusters.machine(cluster, "g" + slot).run("ip", "route", "show", "table", "7410", "proto", "74");
        return Integer.parseInt(routes.replaceAll("(?s).* mtu ([0-9]+).*", "$1"));
    }

    @Test
    void aPodThatIsNotOnAGatewaysNodeIsToldOfPacketsThatAreTooBig() throws Exception {
        narrow(1300);
        awaitMtu(1232);
        String to = clusters.podAddress("east");
        Process sink = SlotClusters.java(clusters.machine("east", "pod"), SizedFlow.class, "sink", to, "7000");
        assertEquals("listening", sink.inputReader().readLine());
        Namespace pod = clusters.machine("west", "pod");
        assertEquals(
                List.of("64 arrived", "1204 arrived", "1205 too big", "1472 too big"),
                SlotClusters.java(pod, SizedFlow.class, "datagrams", to, "7000", "true", "64", "1204", "1205", "1472")
                        .inputReader()
                        .lines()
                        .toList());
        assertEquals(
                List.of("1472 arrived", "65000 arrived"),
                SlotClusters.java(pod, SizedFlow.class, "datagrams", to, "7000", "false", "1472", "65000")
                        .inputReader()
                        .lines()
                        .toList());
    }

    private void links(int mtu) throws CommandFailedException {
        for (String cluster : SlotWorld.CLUSTERS) {
            for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
                clusters.machine(cluster, "g" + slot).run("ip", "link", "set", "wan", "mtu", Integer.toString(mtu));
            }
        }
    }

    private void awaitMtu(int mtu) {
        for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
            int its = slot;
            await().atMost(Duration.ofSeconds(20)).until(() -> mtuOf("west", its) == mtu);
        }
    }

    @Test
    void aFlowLosesNothingWhileTheLinksOfItsGatewaysTakeLessAndThenMore() throws Exception {
        clusters.traffic.echo("east");
        awaitMtu(1440);
        assertEquals(0, clusters.traffic.lost("west", 15_000, () -> {
            links(1400);
            awaitMtu(1340);
            links(1500);
            awaitMtu(1440);
        }));
    }
}
