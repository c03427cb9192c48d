package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway's node on which somebody takes away what is ours, while a peer talks to its pod. */
final class DriftE2E {
    /** What faults.md allows the worst of its runs. */
    private static final Duration WORST_DEVICE = Duration.ofMillis(2 * 500 + 100);

    private static final Duration WORST = Duration.ofMillis(2 * 1000 + 100);

    @TempDir
    private Path directory = Path.of(".");

    private TwoClusters clusters;
    private TwoClusters.Side west;
    private TwoClusters.Side east;
    private Agent agent;

    @BeforeEach
    void twoClustersThatHaveMet() throws Exception {
        clusters = new TwoClusters();
        west = clusters.west;
        east = clusters.east;
        String program = Path.of("image/tombolo-wireguard").toAbsolutePath().toString();
        for (TwoClusters.Side side : List.of(west, east)) {
            for (String device : List.of("tbdoor", "tb0")) {
                // what runs in the container; as there, nothing of it outlives it
                side.gateway.serve("unshare", "--pid", "--fork", "--kill-child", program, device);
            }
        }
        agent = start(west, east);
        start(east, west).awaitUp("west");
        agent.awaitUp("east");
    }

    private Agent start(TwoClusters.Side side, TwoClusters.Side peer) throws Exception {
        Path file = directory.resolve(side.id + ".properties");
        side.write(file, peer, side.announcement(side.identity));
        return new Agent(side.agent(file, directory.resolve(side.id + ".state")), Duration.ofSeconds(20));
    }

    @AfterEach
    void takeDown() throws Exception {
        clusters.close();
    }

    private String west(String command) throws CommandFailedException {
        return west.gateway.run(command.split(" "));
    }

    @Test
    void aDeletedLaneIsBackWithTheSameKeyAndPacketsCrossAgain() throws Exception {
        String key = west("wg show tb0 public-key");
        east.echo(7000);
        Process flow = west.java("send", east.podAddress(), "7000", "4000");
        var lines = flow.inputReader();
        assertEquals("started " + west.podAddress(), lines.readLine());

        west("ip link del tb0");

        int lost = Integer.parseInt(lines.readLine().replace("lost ", ""));
        System.out.println("lane deleted: " + lost + " of 4000 packets lost, one a millisecond");
        assertTrue(lost <= WORST_DEVICE.toMillis(), "too many");
        assertEquals(key, west("wg show tb0 public-key"));
        agent.await("it is counted", line -> line.contains("DRIFT") && line.contains("1 interface"));
    }

    @Test
    void whateverIsFlushedIsBackAndCounted() throws Exception {
        expectHealed("ip route del 10.2.0.0/24 table 7410", "1 route");
        expectHealed("nft delete table inet tombolo_gateway", "1 nftables table");
        expectHealed("ip nexthop flush proto 74", "1 nexthop");
        assertEquals("0", lost());
    }

    private void expectHealed(String act, String counted) throws Exception {
        String wanted = kernel();
        long began = System.nanoTime();
        west(act);
        await(act).atMost(WORST).pollInterval(Duration.ofMillis(5)).untilAsserted(() -> assertEquals(wanted, kernel()));
        System.out.println(act + ": healed after " + (System.nanoTime() - began) / 1_000_000 + " ms");
        agent.await("it is counted", line -> line.contains("DRIFT") && line.contains(counted));
    }

    private String kernel() throws CommandFailedException {
        return west("ip nexthop show") + west("ip route show table all proto 74") + west("nft -s list ruleset");
    }

    private String lost() throws Exception {
        east.echo(7001);
        return west.java("send", east.podAddress(), "7001", "100")
                .inputReader()
                .lines()
                .filter(line -> line.startsWith("lost "))
                .map(line -> line.substring(5))
                .findFirst()
                .orElse("all");
    }
}
