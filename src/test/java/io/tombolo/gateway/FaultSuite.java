package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.host.CommandFailedException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two clusters of two gateways, and a pod on a node of neither: what each fault costs a flow of 1 kHz, and how soon
 * everything is as it was. One run of each; {@code -Dtombolo.faults.runs} for more, as {@code e2e/faults} does.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FaultSuite {
    static final int RUNS = Integer.getInteger("tombolo.faults.runs", 1);
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long SEED = Long.getLong("tombolo.faults.seed", System.nanoTime());
    /** Longer than anything waits before it looks again. */
    private static final Duration STILL = Duration.ofSeconds(3);

    private static final int LATEST_MILLIS = 500;

    final FaultTable table = new FaultTable();
    final Random random = new Random(SEED);

    SlotClusters clusters;
    /** One suite at a time, whatever fork it is in: figures of two that share two cores are no figures. */
    private FileChannel turn;

    private String normal = "";

    @BeforeAll
    void twoClustersOfTwoGateways(@TempDir Path directory) throws Exception {
        System.out.println("faults: " + RUNS + " runs of each, -Dtombolo.faults.seed=" + SEED);
        turn = FileChannel.open(Path.of("target", "faults.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        turn.lock();
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
        turn.close();
        System.out.print(table);
        Path tables = Files.createDirectories(Path.of("target", "faults"));
        Files.writeString(tables.resolve(getClass().getSimpleName() + ".md"), table.toString());
    }

    /** A gateway that traffic leaves its cluster by. */
    record Victim(String side, int slot) {}

    Victim victim() throws CommandFailedException {
        String side = random.nextBoolean() ? "west" : "east";
        return new Victim(side, clusters.slotOf(side));
    }

    interface Act {
        void on(Victim victim) throws Exception;
    }

    /** What {@code act} costs a flow, in datagrams, one a millisecond; it begins at any moment. */
    long cost(Victim victim, int millis, Act act) throws Exception {
        return clusters.traffic.lost("west", millis + LATEST_MILLIS, () -> {
            Thread.sleep(random.nextInt(LATEST_MILLIS));
            act.on(victim);
        });
    }

    boolean isNormal() throws CommandFailedException {
        return normal.equals(clusters.normalForm());
    }

    void asBefore(FaultTable.Row row) {
        row.settled(asBefore());
    }

    /** @return nanoseconds until it was */
    long asBefore() {
        long from = System.nanoTime();
        List<String> last = new ArrayList<>();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            String now = clusters.normalForm();
            if (!now.equals(normal)) {
                last.clear();
                last.addAll(difference(normal, now));
            }
            assertEquals(normal, now);
        });
        System.out.printf("as before after %d ms; last were %s%n", (System.nanoTime() - from) / 1_000_000, last);
        return System.nanoTime() - from;
    }

    /** Lines that only one of them has, a few. */
    private static List<String> difference(String was, String is) {
        List<String> gone = new ArrayList<>(was.lines().toList());
        List<String> added = new ArrayList<>(is.lines().toList());
        is.lines().forEach(gone::remove);
        was.lines().forEach(added::remove);
        return Stream.concat(
                        gone.stream().limit(3).map(line -> "- " + line),
                        added.stream().limit(3).map(line -> "+ " + line))
                .toList();
    }

    /** A fault that ends by itself, or is mended within it. */
    void costs(String id, String what, long target, int millis, Act act) throws Exception {
        FaultTable.Row row = table.row(id, what, target);
        for (int run = 0; run < RUNS; run++) {
            row.measured(cost(victim(), millis, act));
            asBefore(row);
        }
        row.require();
    }

    void restart(Victim victim) throws Exception {
        kill(victim);
        start(victim);
    }

    void corruptState(Victim victim) throws Exception {
        kill(victim);
        try (var files = Files.list(clusters.state(victim.side, victim.slot))) {
            for (Path file : files.toList()) {
                Files.write(file, List.of("cut"));
            }
        }
        start(victim);
    }

    void kill(Victim victim) throws Exception {
        clusters.faults.signal(victim.side, victim.slot, "KILL").onExit().join();
    }

    void start(Victim victim) throws Exception {
        clusters.startGateway(victim.side, victim.slot);
        clusters.awaitLanes(victim.side, victim.slot);
    }

    void drain(Victim victim) throws Exception {
        clusters.faults.cordon(victim.side, victim.slot);
        awaitSlot(victim, 1 - victim.slot);
        clusters.faults.uncordon(victim.side, victim.slot);
        awaitSlot(victim, victim.slot);
    }

    /** Its network is away, for longer than it takes everybody to see it. */
    void interrupt(Victim victim) throws Exception {
        clusters.faults.cut(victim.side, victim.slot, SlotFaults.Loss.BOTH);
        Thread.sleep(1_000);
        clusters.faults.mend(victim.side, victim.slot);
    }

    void deleteLanes(Victim victim) throws CommandFailedException {
        Namespace gateway = clusters.machine(victim.side, "g" + victim.slot);
        gateway.run("ip", "link", "del", "tb0");
        gateway.run("ip", "link", "del", "tb1");
    }

    void rotate(Victim victim) throws Exception {
        clusters.operator.mint(victim.side, victim.slot);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> clusters.lanesWithNewestKey(victim.side, victim.slot) == 2
                        && !clusters.isLaneResting(victim.side, victim.slot));
        clusters.operator.retire(victim.side, victim.slot);
    }

    void awaitSlot(Victim victim, int slot) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> clusters.slotOf(victim.side) == slot);
    }
}
