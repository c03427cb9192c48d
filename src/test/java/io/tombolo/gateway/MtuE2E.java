package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two gateway agents over a path that swallows large packets and tells nobody. */
final class MtuE2E {
    private static final String PORT = "7000";

    /** Milliseconds: what faults.md (F19) allows the worst of its runs. */
    private static final long BEARABLE = 2 * 2_000 + 100;

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
        for (TwoClusters.Side side : List.of(west, east)) {
            // what wireguard-go hands over at once is on the path as it would be on a real one: packet by packet
            side.gateway.run("ip", "link", "set", "wan", "gso_max_segs", "1");
        }
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    /** Packets of more than so many bytes do not arrive any more, on either side. */
    private void narrow(int mtu) throws CommandFailedException {
        for (TwoClusters.Side side : List.of(west, east)) {
            side.gateway.run(List.of("nft", "-f", "-"), """
                            table inet narrow
                            delete table inet narrow
                            table inet narrow {
                                chain in {
                                    type filter hook prerouting priority -450; policy accept;
                                    iifname "wan" meta length > %d drop
                                }
                            }
                            """.formatted(mtu));
        }
    }

    /** Starts both, and waits until they have met and west knows what passes. */
    private Agent meet(int mtu) throws Exception {
        for (TwoClusters.Side side : List.of(west, east)) {
            TwoClusters.Side peer = side == west ? east : west;
            side.write(directory.resolve(side.id + ".properties"), peer, side.announcement(side.identity));
        }
        Agent agent = start(west);
        start(east).awaitUp("west");
        agent.awaitUp("east");
        Process sink = east.java(SizedFlow.class, "sink", east.podAddress(), PORT);
        assertEquals("listening", sink.inputReader().readLine());
        awaitMtu(agent, mtu);
        return agent;
    }

    private Agent start(TwoClusters.Side side) throws Exception {
        return new Agent(
                side.agent(directory.resolve(side.id + ".properties"), directory.resolve(side.id + ".state")),
                Duration.ofSeconds(20));
    }

    private static void awaitMtu(Agent agent, int mtu) throws InterruptedException {
        agent.await("packets of " + mtu + " bytes pass", line -> line.contains("east.mtu=" + mtu));
    }

    private Process stream(int millis) throws Exception {
        Process stream = west.java(SizedFlow.class, "stream", east.podAddress(), PORT, Integer.toString(millis));
        assertEquals("started", stream.inputReader().readLine());
        return stream;
    }

    private List<String> datagrams(boolean whole, int... sizes) throws Exception {
        List<String> args = new ArrayList<>(List.of("datagrams", east.podAddress(), PORT, Boolean.toString(whole)));
        for (int size : sizes) {
            args.add(Integer.toString(size));
        }
        return west.java(SizedFlow.class, args.toArray(String[]::new))
                .inputReader()
                .lines()
                .toList();
    }

    /** Datagrams of every size, whole or not, and a stream. */
    private void nothingIsSwallowed(int mtu) throws Exception {
        int most = mtu - 28;
        assertEquals(
                List.of("64 arrived", "1000 arrived", most + " arrived", (most + 1) + " too big", "1472 too big"),
                datagrams(true, 64, 1000, most, most + 1, 1472));
        assertEquals(
                List.of("64 arrived", "1472 arrived", "9000 arrived", "65000 arrived"),
                datagrams(false, 64, 1472, 9000, 65000));
    }

    @Test
    void clustersMeetOverAPathThatTakesLittleAndSendNothingThatItDoesNotTakeAlsoAfterARestart() throws Exception {
        narrow(1300);
        Agent first = meet(1232);
        nothingIsSwallowed(1232);
        assertTrue(SizedFlow.stall(stream(500)) < BEARABLE);

        Process changes = west.gateway.start("ip", "-4", "monitor", "route");
        Namespace.stop(first.process);
        awaitMtu(start(west), 1232);
        west.gateway.run("ip", "route", "add", "192.0.2.9/32", "dev", "wan"); // the last change to be told of
        assertEquals(
                "192.0.2.9 dev wan scope link",
                changes.inputReader().readLine().strip(),
                "what stood was known to pass");
    }

    @Test
    void aPathThatTakesLessAllOfASuddenStallsAStreamForAMomentAndSwallowsNothingAfterwards() throws Exception {
        Agent agent = meet(1440);
        nothingIsSwallowed(1440);
        narrow(1400);
        awaitMtu(agent, 1328);
        nothingIsSwallowed(1328);
        Process stream = stream(3000);
        narrow(1300);
        awaitMtu(agent, 1232);
        long stall = SizedFlow.stall(stream);
        System.out.println("a path that takes 1300 bytes of a sudden: " + stall + " ms without a byte");
        assertTrue(stall < BEARABLE, () -> "no byte for " + stall + " ms");
        nothingIsSwallowed(1232);
    }
}
