package io.tombolo.kernel;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.KernelEvent;
import io.tombolo.host.NetworkNamespace;
import io.tombolo.host.PosixSpawnRunner;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The real kernel, in a namespace of its own. */
class DriftWatchTest {
    private static final Ours OURS =
            new Ours("tbvx"::equals, Set.of(7412), Set.of(744), id -> id == 700_000, "inet tombolo_node");
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final NetworkNamespace node;
    private final PosixSpawnRunner runner = PosixSpawnRunner.create();
    private final Set<KernelEvent> heard = ConcurrentHashMap.newKeySet();
    private final Semaphore told = new Semaphore(0);

    DriftWatchTest() throws CommandFailedException {
        node = NetworkNamespace.create("kn-drift");
        node.run("ip", "link", "add", "tbvx", "type", "veth", "peer", "name", "other");
        for (String device : List.of("tbvx", "other")) {
            node.run("ip", "link", "set", device, "up");
            node.run("ip", "addr", "add", "192.0.2." + (device.equals("tbvx") ? "1/32" : "2/32"), "dev", device);
        }
    }

    @AfterEach
    void removeNode() throws CommandFailedException {
        node.close();
    }

    private DriftWatch watch() throws Exception {
        return node.within(() -> new DriftWatch(
                runner,
                event -> {
                    heard.add(event);
                    return OURS.concerns(event);
                },
                told::release));
    }

    private void awaitHeard(Predicate<KernelEvent> what) {
        await().atMost(LIMIT).until(() -> heard.stream().anyMatch(what));
    }

    private static List<String> words(String line) {
        return List.of(line.split(" "));
    }

    /** One act of somebody else's, and each is told. */
    private void expectTold(String act) throws Exception {
        told.drainPermits();
        node.run(words(act), "");
        await(act).atMost(LIMIT).until(told::tryAcquire);
    }

    /** Whatever came before was not told. */
    private void expectToldOfThisOnly() throws Exception {
        node.run("ip", "rule", "add", "priority", "744", "lookup", "7412");
        await().atMost(LIMIT).until(() -> told.availablePermits() > 0);
        assertEquals(1, told.availablePermits());
    }

    private void make() throws CommandFailedException {
        node.run(List.of("ip", "-batch", "-"), """
                nexthop add id 700000 dev tbvx proto 74
                route add 10.52.0.0/16 nhid 700000 table 7412 proto 74
                route add unreachable 10.52.0.0/16 metric 9999 table 7412 proto 74
                rule add priority 744 from 10.42.0.0/24 lookup 7412 proto 74
                """);
        node.run(List.of("nft", "-f", "-"), "table inet tombolo_node { chain c { }; }\n");
    }

    @Test
    void whateverOthersTakeFromUsIsTold() throws Exception {
        make();
        try (DriftWatch _ = watch()) {
            expectTold("ip route del 10.52.0.0/16 nhid 700000 table 7412");
            expectTold("nft flush ruleset");
            expectTold("ip rule del priority 744");
            expectTold("ip nexthop del id 700000");
        }
        // a watch answers five at once, and then one a second
        try (DriftWatch _ = watch()) {
            expectTold("ip addr del 192.0.2.1/32 dev tbvx");
            expectTold("ip link set tbvx down");
            expectTold("ip link del tbvx");
        }
    }

    @Test
    void whatOthersDoAmongThemselvesIsNot() throws Exception {
        try (DriftWatch _ = watch()) {
            node.run(List.of("ip", "-batch", "-"), """
                    route add 10.60.0.0/16 dev other table 100 proto 74
                    route add 10.61.0.0/16 dev other table 7412 proto bird
                    route add 10.62.0.0/16 dev other
                    route del 10.60.0.0/16 table 100
                    route del 10.61.0.0/16 table 7412
                    route del 10.62.0.0/16
                    nexthop add id 7 dev other
                    nexthop del id 7
                    rule add priority 100 lookup 100
                    rule del priority 100
                    link set other down
                    addr del 192.0.2.2/32 dev other
                    """);
            node.run(List.of("nft", "-f", "-"), "table ip kube-proxy { chain c { }; }\ndelete table ip kube-proxy\n");
            for (Class<?> kind : KernelEvent.class.getPermittedSubclasses()) {
                if (kind != KernelEvent.Overrun.class) {
                    awaitHeard(kind::isInstance);
                }
            }
            expectToldOfThisOnly();
        }
    }

    @Test
    void whatWeDoOurselvesIsNot() throws Exception {
        make();
        try (DriftWatch _ = watch()) {
            node.within(() -> runner.run("ip", "route", "del", "10.52.0.0/16", "nhid", "700000", "table", "7412"));
            node.within(() -> runner.run("ip", "rule", "del", "priority", "744"));
            node.within(() -> runner.run("ip", "nexthop", "del", "id", "700000"));
            node.within(() -> runner.run("nft", "delete", "table", "inet", "tombolo_node"));
            awaitHeard(event -> event instanceof KernelEvent.Nexthop);
            awaitHeard(event -> event instanceof KernelEvent.Table);
            expectToldOfThisOnly();
        }
    }

    @Test
    void whoeverFightsUsCostsAFewPassesASecondAndTheLastActIsToldAllTheSame() throws Exception {
        try (DriftWatch _ = watch()) {
            Duration fight = Duration.ofSeconds(1);
            long began = System.nanoTime();
            while (System.nanoTime() - began < fight.toNanos()) {
                node.run("ip", "rule", "add", "priority", "744", "lookup", "7412");
                node.run("ip", "rule", "del", "priority", "744");
            }
            int passes = told.availablePermits();
            long most = 6 + (System.nanoTime() - began) / Duration.ofMillis(500).toNanos();
            assertTrue(passes <= most, () -> passes + " passes, at most " + most + " are due");
            expectTold("ip rule add priority 744 lookup 7412");
        }
    }
}
