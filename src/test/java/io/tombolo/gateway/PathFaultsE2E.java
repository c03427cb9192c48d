package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What happens to the ways between gateways, and nobody is told. */
final class PathFaultsE2E extends FaultSuite {
    /** At once, in either direction half of them. */
    private static final int STREAMS = 4;

    /** What comes and goes is there so long, and away so long; milliseconds. */
    private static final int FLAP = 1_000;

    @BeforeAll
    void pods() throws IOException {
        for (String cluster : SlotWorld.CLUSTERS) {
            clusters.traffic.sink(cluster);
        }
    }

    private void silence(String id, String what, SlotFaults.Loss... losses) throws Exception {
        FaultTable.Row death = table.row(id, what, 300);
        FaultTable.Row back = table.row(id, "and comes back", 0);
        for (int run = 0; run < Math.max(RUNS, losses.length); run++) {
            SlotFaults.Loss loss = losses[run % losses.length];
            String side = run / losses.length % 2 == 0 ? "west" : "east";
            Victim victim = new Victim(side, clusters.slotOf(side));
            long lost = cost(victim, 2_000, v -> clusters.faults.cut(v.side(), v.slot(), loss));
            assertTrue(lost > 0, "a flow that a silent death costs nothing went elsewhere");
            death.measured(lost);
            assertEquals(1 - victim.slot(), clusters.slotOf(side));
            back.measured(cost(victim, 2_000, v -> clusters.faults.mend(v.side(), v.slot())));
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
    @Tag("F16")
    void gatewaysThatDoNotSeeEachOtherCostNothing() throws Exception {
        costs("F16", "the gateways of a cluster do not see each other for two seconds", 0, 4_000, victim -> {
            clusters.faults.part(victim.side());
            Thread.sleep(2_000);
            clusters.faults.mend(victim.side(), 0);
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
            clusters.faults.lose(victim.side(), victim.slot(), 10);
            Thread.sleep(Duration.ofSeconds(seconds));
            clusters.faults.mend(victim.side(), victim.slot());
            row.measured(clusters.deaths() - before);
            asBefore(row);
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
            hidden.measured(cost(victim, 1_500, v -> clusters.faults.translate(v.side(), v.slot())));
            assertTrue(clusters.faults.isSeenTranslated(victim.side(), victim.slot()));
            revealed.measured(cost(victim, 1_500, v -> clusters.faults.reveal(v.side(), v.slot())));
            asBefore(revealed);
        }
        hidden.require();
        revealed.require();
    }

    @Test
    @Tag("F18")
    void aLinkFullOfStreamsIsNoDeath() throws Exception {
        full("four streams fill a gateway's network: failovers, a number", (victim, millis) -> {
            List<Process> streams = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                streams.add(clusters.traffic.stream(SlotWorld.CLUSTERS.get(i % 2), millis));
            }
            return streams;
        });
    }

    @Test
    @Tag("F18")
    void aFloodedLinkIsNoDeath() throws Exception {
        // one flood in nine still costs a failover, most likely as it begins: for the table, and not for every build
        assumeTrue(RUNS > 1);
        full(
                "datagrams for twice a gateway's network flood it: failovers, a number",
                (victim, millis) -> List.of(clusters.traffic.flood(victim.side(), millis)));
    }

    private interface Load {
        /** @return processes that end by themselves after so many milliseconds */
        List<Process> on(Victim victim, int millis) throws Exception;
    }

    /** Thirty runs are the ten minutes of the row. */
    private void full(String what, Load load) throws Exception {
        int seconds = RUNS == 1 ? 5 : 20;
        FaultTable.Row row = table.row("F18", what, 0);
        for (int run = 0; run < RUNS; run++) {
            Victim victim = victim();
            long before = clusters.deaths();
            clusters.faults.slow(victim.side(), victim.slot(), "20mbit");
            for (Process process : load.on(victim, seconds * 1_000)) {
                assertNotNull(process.inputReader().readLine(), "a load that failed");
            }
            long dropped = clusters.faults.unslow(victim.side(), victim.slot());
            assertTrue(dropped > 0, "it was never full");
            row.measured(clusters.deaths() - before);
            // a flood leaves room for small packets alone, and the way is asked after a while what it takes now
            await("they are used as before").atMost(PATIENCE).until(this::isNormal);
        }
        row.require();
    }

    @Test
    @Tag("F19")
    void aStreamGoesOnWhereThePathTakesLessAllOfASudden() throws Exception {
        FaultTable.Row row =
                table.row("F19", "a gateway's network takes 1300 bytes of a sudden: a stream stands still", 2_000);
        for (int run = 0; run < RUNS; run++) {
            Victim victim = victim();
            // who learned what a path takes, knows it for minutes
            clusters.machine("west", "pod").run("ip", "route", "flush", "cache");
            Process stream = clusters.traffic.stream("west", 6_000);
            Thread.sleep(500 + random.nextInt(500));
            clusters.faults.narrow(victim.side(), victim.slot(), 1_300);
            row.measured(SizedFlow.stall(stream));
            clusters.faults.widen(victim.side(), victim.slot());
            // a larger size is tried ever more seldom, or when a way is back
            interrupt(victim);
            asBefore(row);
        }
        row.require();
    }

    private void flap(String cluster, int times, int... slots) throws Exception {
        for (int i = 0; i < times; i++) {
            for (int slot : slots) {
                clusters.faults.cut(cluster, slot, SlotFaults.Loss.BOTH);
            }
            Thread.sleep(FLAP);
            for (int slot : slots) {
                clusters.faults.mend(cluster, slot);
            }
            Thread.sleep(FLAP);
        }
    }

    /** The target is ours: the row wants it used. It takes a pass, for a peer that was dead has no routes. */
    @Test
    @Tag("F20")
    void aLinkThatComesAndGoesIsUsedWhileItIsThere() throws Exception {
        int times = RUNS == 1 ? 2 : 5;
        FaultTable.Row row = table.row(
                "F20", "both gateways of a cluster go and come every other second: lost while they are there", 500);
        for (int run = 0; run < RUNS; run++) {
            long lost = cost(victim(), 2 * times * FLAP + 500, victim -> flap(victim.side(), times, 0, 1));
            row.measured(Math.max(0, lost - times * FLAP) / times);
            await("they are used as before").atMost(PATIENCE).until(this::isNormal);
        }
        row.require();
    }

    /** Three deaths, and then it is left alone. Thirty runs are the ten minutes of the row. */
    @Test
    @Tag("F20")
    void aGatewayThatComesAndGoesIsLeftAlone() throws Exception {
        int times = RUNS == 1 ? 4 : 10;
        FaultTable.Row row = table.row("F20", "a gateway's network goes and comes every other second", 900);
        for (int run = 0; run < RUNS; run++) {
            row.measured(cost(victim(), 2 * times * FLAP + 500, victim -> flap(victim.side(), times, victim.slot())));
            await("it is used again").atMost(PATIENCE).until(this::isNormal);
        }
        row.require();
    }
}
