package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** What happens to gateways: to their processes, devices, tables and keys, by whoever runs them or by accident. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class GatewayFaultsE2E extends FaultSuite {
    @Test
    @Tag("F1")
    void aKilledAgentCostsNothing() throws Exception {
        costs("F1", "a gateway's agent is killed, and another starts", 0, 3_500, this::restart);
    }

    /** The version is the same one: there is no other yet. */
    @Test
    @Tag("F3")
    void anUpgradeOfEveryGatewayCostsNothing() throws Exception {
        List<String> upgraded = RUNS == 1 ? List.of("east") : SlotWorld.CLUSTERS;
        costs(
                "F3",
                "every gateway is replaced, one after the other, as by an upgrade",
                0,
                18_000 * upgraded.size(),
                _ -> {
                    for (String cluster : upgraded) {
                        clusters.operator.replace(cluster, 1);
                        clusters.operator.replace(cluster, 0);
                    }
                });
    }

    @Test
    @Tag("F28")
    void nothingIsLeftOfALinkThatIsDeleted() throws Exception {
        FaultTable.Row row =
                table.row("F28", "a link is deleted: until no node of its cluster has anything of it left", 2_000);
        for (int run = 0; run < RUNS; run++) {
            String cluster = victim().side();
            long from = System.nanoTime();
            clusters.operator.unlink(cluster);
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> clusters.isUnlinked(cluster));
            row.measured((System.nanoTime() - from) / 1_000_000);
            clusters.operator.link(cluster);
            clusters.awaitLanes();
            asBefore(row);
        }
        row.require();
    }

    @Test
    @Tag("F5")
    void aDrainedGatewayCostsNothing() throws Exception {
        costs("F5", "a gateway's node is cordoned, and uncordoned", 0, 5_000, this::drain);
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
                clusters.faults.signal(v.side(), v.slot(), "STOP");
                awaitSlot(v, 1 - v.slot());
                Thread.sleep(Duration.ofSeconds(seconds));
                long from = System.nanoTime();
                clusters.faults.signal(v.side(), v.slot(), "CONT");
                awaitSlot(v, v.slot());
                again.measured((System.nanoTime() - from) / 1_000_000);
            }));
            asBefore(still);
        }
        still.require();
        again.require();
    }

    @Test
    @Tag("F29")
    void aGatewayWhoseNodeIsStartedAgainCarriesSoon() throws Exception {
        FaultTable.Row off = table.row("F29", "a gateway's node goes off, and its kernel forgets", 300);
        FaultTable.Row on = table.row("F29", "and is started: until it carries, from its network on", 3_000);
        FaultTable.Row back = table.row("F29", "and what that costs", 0);
        for (int run = 0; run < RUNS; run++) {
            Victim victim = victim();
            off.measured(cost(victim, 2_000, v -> clusters.faults.powerOff(v.side(), v.slot())));
            back.measured(cost(victim, 6_000, v -> {
                long from = System.nanoTime();
                clusters.faults.powerOn(v.side(), v.slot());
                start(v);
                awaitSlot(v, v.slot());
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
            clusters.faults.powerOff(victim.side(), victim.slot());
            await().atMost(PATIENCE)
                    .until(() -> clusters.isForgotten(victim.side(), victim.slot())); // no node is faster
            clusters.faults.powerOn(victim.side(), victim.slot());
            int last = RUNS == 1 ? 1 + random.nextInt(30) : run;
            System.out.println("F30: dies after command " + last);
            clusters.startGateway(victim.side(), victim.slot(), last);
            clusters.agent(victim.side(), "g" + victim.slot()).awaitEnd();
            long from = System.nanoTime();
            start(victim);
            asBefore(row);
            row.measured((System.nanoTime() - from) / 1_000_000);
        }
        row.require();
    }

    @Test
    @Tag("F7")
    void aLaneThatSomebodyDeletesIsMadeAnew() throws Exception {
        costs("F7", "somebody deletes the lanes of a gateway", 500, 4_000, this::deleteLanes);
    }

    @Test
    @Tag("F8")
    void routesAndTablesThatSomebodyFlushesAreBack() throws Exception {
        costs(
                "F8",
                "somebody flushes nexthops, routes, rules and the table of a gateway",
                1_000,
                4_000,
                victim -> clusters.faults.flush(victim.side(), victim.slot()));
    }

    @Test
    @Tag("F21")
    void anotherLaneKeyCostsNothing() throws Exception {
        costs("F21", "the lanes of a gateway change their keys", 0, 8_000, this::rotate);
    }

    @Test
    @Tag("F25")
    void corruptStateCostsNothing() throws Exception {
        costs("F25", "a gateway's state is cut short, and its agent killed and started", 0, 3_500, this::corruptState);
    }

    @Test
    @Tag("F5")
    @Order(Integer.MAX_VALUE) // lanes are others after it
    void bothClustersLoseAndGainAGatewayAtOnce() throws Exception {
        FaultTable.Row less = table.row("F5", "both clusters go from two gateways to one", 0);
        FaultTable.Row more = table.row("F5", "both clusters go from one gateway to two", 0);
        for (int run = 0; run < Math.ceilDiv(RUNS, 3); run++) {
            less.measured(clusters.traffic.lost("west", 8_000, clusters.operator::shrink));
            more.measured(clusters.traffic.lost("west", 12_000, clusters.operator::grow));
        }
        less.require();
        more.require();
    }
}
