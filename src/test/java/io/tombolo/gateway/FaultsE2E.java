package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two clusters of two gateways, and a pod on a node of neither: what each fault costs a flow of 1 kHz, and how soon
 * everything is as it was. One run of each; {@code -Dtombolo.faults.runs} for more, as {@code e2e/faults} does.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FaultsE2E {
    private static final int RUNS = Integer.getInteger("tombolo.faults.runs", 1);
    private static final long SEED = Long.getLong("tombolo.faults.seed", System.nanoTime());
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** Longer than anything waits before it looks again. */
    private static final Duration STILL = Duration.ofSeconds(3);

    private static final int LATEST_MILLIS = 500;

    private final FaultTable table = new FaultTable();
    private final Random random = new Random(SEED);

    private SlotClusters clusters;
    private String normal = "";

    @BeforeAll
    void twoClustersOfTwoGateways(@TempDir Path directory) throws Exception {
        System.out.println("faults: " + RUNS + " runs of each, -Dtombolo.faults.seed=" + SEED);
        clusters = new SlotClusters(directory);
        clusters.startAgents();
        clusters.traffic.echo("east");
        await().atMost(PATIENCE).pollInterval(STILL).until(this::isStill);
    }

    private boolean isStill() throws CommandFailedException {
        String before = normal;
        normal = clusters.normalForm();
        return normal.equals(before);
    }

    @AfterAll
    void takeDown() throws Exception {
        clusters.close();
        System.out.print(table);
        Files.writeString(Path.of("target", "faults.md"), table.toString());
    }

    /** A gateway that traffic leaves its cluster by. */
    private record Victim(String side, int slot) {}

    private Victim victim() throws CommandFailedException {
        String side = random.nextBoolean() ? "west" : "east";
        return new Victim(side, clusters.slotOf(side));
    }

    private interface Act {
        void on(Victim victim) throws Exception;
    }

    /** What {@code act} costs a flow, in datagrams, one a millisecond; it begins at any moment. */
    private long cost(Victim victim, int millis, Act act) throws Exception {
        return clusters.traffic.lost("west", millis + LATEST_MILLIS, () -> {
            Thread.sleep(random.nextInt(LATEST_MILLIS));
            act.on(victim);
        });
    }

    private void asBefore(FaultTable.Row row) {
        long from = System.nanoTime();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> assertEquals(normal, clusters.normalForm()));
        row.settled(System.nanoTime() - from);
    }

    /** A fault that ends by itself, or is mended within it. */
    private void costs(String id, String what, long target, int millis, Act act) throws Exception {
        FaultTable.Row row = table.row(id, what, target);
        for (int run = 0; run < RUNS; run++) {
            row.measured(cost(victim(), millis, act));
            asBefore(row);
        }
        row.require();
    }

    private void silence(String id, String what, SlotFaults.Loss... losses) throws Exception {
        FaultTable.Row death = table.row(id, what, 300);
        FaultTable.Row back = table.row(id, "and comes back", 0);
        for (int run = 0; run < Math.max(RUNS, 2 * losses.length); run++) {
            SlotFaults.Loss loss = losses[run % losses.length];
            String side = run / losses.length % 2 == 0 ? "west" : "east";
            Victim victim = new Victim(side, clusters.slotOf(side));
            long lost = cost(victim, 2_000, v -> clusters.faults.cut(v.side, v.slot, loss));
            assertTrue(lost > 0, "a flow that a silent death costs nothing went elsewhere");
            death.measured(lost);
            assertEquals(1 - victim.slot, clusters.slotOf(side));
            back.measured(cost(victim, 2_000, v -> clusters.faults.mend(v.side, v.slot)));
            asBefore(back);
        }
        death.require();
        back.require();
    }

    @Test
    @Tag("F4")
    void aGatewayThatDiesSilentlyIsReplaced() throws Exception {
        silence("F4", "a gateway's node falls silent", SlotFaults.Loss.BOTH);
    }

    @Test
    @Tag("F15")
    void aGatewayThatIsHeardAndHearsNothingIsReplacedAndOneThatHearsAndIsNotHeard() throws Exception {
        silence("F15", "a gateway's node hears nothing, or is not heard", SlotFaults.Loss.IN, SlotFaults.Loss.OUT);
    }

    @Test
    @Tag("F1")
    void aKilledAgentCostsNothing() throws Exception {
        costs("F1", "a gateway's agent is killed, and another starts", 0, 3_500, victim -> {
            kill(victim);
            start(victim);
        });
    }

    @Test
    @Tag("F5")
    void aDrainedGatewayCostsNothing() throws Exception {
        costs("F5", "a gateway's node is cordoned, and uncordoned", 0, 5_000, victim -> {
            clusters.faults.cordon(victim.side, victim.slot);
            awaitSlot(victim, 1 - victim.slot);
            clusters.faults.uncordon(victim.side, victim.slot);
            awaitSlot(victim, victim.slot);
        });
    }

    /** Of thirty runs each is as long as the row asks; a single one is shorter. */
    @Test
    @Tag("F16")
    @Tag("F26")
    void anAgentThatStandsStillCostsNothing() throws Exception {
        int seconds = RUNS == 1 ? 2 : 30;
        FaultTable.Row still = table.row("F16, F26", "a gateway's agent stands still for a while, and goes on", 0);
        FaultTable.Row again = table.row("F16", "until traffic takes that gateway again, from then on", 300);
        for (int run = 0; run < RUNS; run++) {
            Victim victim = victim();
            still.measured(cost(victim, seconds * 1_000 + 2_500, v -> {
                clusters.faults.signal(v.side, v.slot, "STOP");
                awaitSlot(v, 1 - v.slot);
                Thread.sleep(Duration.ofSeconds(seconds));
                long from = System.nanoTime();
                clusters.faults.signal(v.side, v.slot, "CONT");
                awaitSlot(v, v.slot);
                again.measured((System.nanoTime() - from) / 1_000_000);
            }));
            asBefore(still);
        }
        still.require();
        again.require();
    }

    @Test
    @Tag("F16")
    void gatewaysThatDoNotSeeEachOtherCostNothing() throws Exception {
        costs("F16", "the gateways of a cluster do not see each other for two seconds", 0, 4_000, victim -> {
            clusters.faults.part(victim.side);
            Thread.sleep(2_000);
            clusters.faults.mend(victim.side, 0);
        });
    }

    /** Thirty runs are the ten minutes of the row. */
    @Test
    @Tag("F17")
    void lostPacketsAreNoDeath() throws Exception {
        int seconds = RUNS == 1 ? 4 : 20;
        FaultTable.Row row = table.row("F17", "every tenth packet is lost for a while: failovers, a number", 0);
        for (int run = 0; run < RUNS; run++) {
            Victim victim = victim();
            long before = clusters.deaths();
            clusters.faults.lose(victim.side, victim.slot, 10);
            Thread.sleep(Duration.ofSeconds(seconds));
            clusters.faults.mend(victim.side, victim.slot);
            row.measured(clusters.deaths() - before);
            asBefore(row);
        }
        row.require();
    }

    @Test
    @Tag("F29")
    void aGatewayWhoseNodeIsStartedAgainCarriesSoon() throws Exception {
        FaultTable.Row off = table.row("F29", "a gateway's node goes off, and its kernel forgets", 300);
        FaultTable.Row on = table.row("F29", "and is started: until it carries, from its network on", 3_000);
        FaultTable.Row back = table.row("F29", "and what that costs", 0);
        for (int run = 0; run < RUNS; run++) {
            Victim victim = victim();
            off.measured(cost(victim, 2_000, v -> clusters.faults.powerOff(v.side, v.slot)));
            back.measured(cost(victim, 6_000, v -> {
                long from = System.nanoTime();
                clusters.faults.powerOn(v.side, v.slot);
                start(v);
                awaitSlot(v, v.slot);
                on.measured((System.nanoTime() - from) / 1_000_000);
            }));
            asBefore(back);
        }
        off.require();
        on.require();
        back.require();
    }

    @Test
    @Tag("F30")
    void anAgentThatDiesAfterAnyStepIsFollowedByOneThatFinishes() throws Exception {
        FaultTable.Row row = table.row(
                "F30", "a gateway's agent dies after its n-th command: until the next has all as before", 5_000);
        for (int run = 1; run <= RUNS; run++) {
            Victim victim = victim();
            clusters.faults.powerOff(victim.side, victim.slot);
            await().atMost(PATIENCE).until(() -> clusters.isForgotten(victim.side, victim.slot)); // no node is faster
            clusters.faults.powerOn(victim.side, victim.slot);
            int last = RUNS == 1 ? 1 + random.nextInt(30) : run;
            System.out.println("F30: dies after command " + last);
            clusters.startGateway(victim.side, victim.slot, last);
            clusters.agent(victim.side, "g" + victim.slot).awaitEnd();
            long from = System.nanoTime();
            start(victim);
            asBefore(row);
            row.measured((System.nanoTime() - from) / 1_000_000);
        }
        row.require();
    }

    @Test
    @Tag("F6")
    void aGatewayThatHasAnotherAddressAndOtherPortsIsFollowed() throws Exception {
        FaultTable.Row hidden = table.row("F6", "a NAT gives a gateway another address and other ports", 200);
        FaultTable.Row revealed = table.row("F6", "and is taken away again", 200);
        for (int run = 0; run < RUNS; run++) {
            Victim victim = victim();
            hidden.measured(cost(victim, 1_500, v -> clusters.faults.translate(v.side, v.slot)));
            assertTrue(clusters.faults.isSeenTranslated(victim.side, victim.slot));
            revealed.measured(cost(victim, 1_500, v -> clusters.faults.reveal(v.side, v.slot)));
            asBefore(revealed);
        }
        hidden.require();
        revealed.require();
    }

    @Test
    @Tag("F7")
    void aLaneThatSomebodyDeletesIsMadeAnew() throws Exception {
        costs("F7", "somebody deletes the lanes of a gateway", 500, 4_000, victim -> {
            gateway(victim).run("ip", "link", "del", "tb0");
            gateway(victim).run("ip", "link", "del", "tb1");
        });
    }

    @Test
    @Tag("F8")
    void routesAndTablesThatSomebodyFlushesAreBack() throws Exception {
        costs(
                "F8",
                "somebody flushes nexthops, routes, rules and the table of a gateway",
                1_000,
                4_000,
                victim -> clusters.faults.flush(victim.side, victim.slot));
    }

    @Test
    @Tag("F21")
    void anotherLaneKeyCostsNothing() throws Exception {
        costs("F21", "the lanes of a gateway change their keys", 0, 8_000, victim -> {
            clusters.mint(victim.side, victim.slot);
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> clusters.lanesWithNewestKey(victim.side, victim.slot) == 2
                            && !clusters.isLaneResting(victim.side, victim.slot));
            clusters.retire(victim.side, victim.slot);
        });
    }

    @Test
    @Tag("F25")
    void corruptStateCostsNothing() throws Exception {
        costs("F25", "a gateway's state is cut short, and its agent killed and started", 0, 3_500, victim -> {
            kill(victim);
            for (Path file : state(victim)) {
                Files.write(file, List.of("cut"));
            }
            start(victim);
        });
    }

    @Test
    @Tag("F5")
    @Order(Integer.MAX_VALUE) // lanes are others after it
    void bothClustersLoseAndGainAGatewayAtOnce() throws Exception {
        FaultTable.Row less = table.row("F5", "both clusters go from two gateways to one", 0);
        FaultTable.Row more = table.row("F5", "both clusters go from one gateway to two", 0);
        for (int run = 0; run < Math.ceilDiv(RUNS, 3); run++) {
            less.measured(clusters.traffic.lost("west", 8_000, clusters::shrink));
            more.measured(clusters.traffic.lost("west", 12_000, clusters::grow));
        }
        less.require();
        more.require();
    }

    private Namespace gateway(Victim victim) {
        return clusters.machine(victim.side, "g" + victim.slot);
    }

    private void kill(Victim victim) throws Exception {
        clusters.faults.signal(victim.side, victim.slot, "KILL").onExit().join();
    }

    private void start(Victim victim) throws Exception {
        clusters.startGateway(victim.side, victim.slot);
        clusters.awaitLanes(victim.side, victim.slot);
    }

    private List<Path> state(Victim victim) throws IOException {
        try (var files = Files.list(clusters.state(victim.side, victim.slot))) {
            return files.toList();
        }
    }

    private void awaitSlot(Victim victim, int slot) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> clusters.slotOf(victim.side) == slot);
    }
}
