package io.tombolo.node;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.NetworkNamespace;
import io.tombolo.host.PosixSpawnRunner;
import io.tombolo.host.StateDirectory;
import io.tombolo.plan.removal.Evidence;
import io.tombolo.problem.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeAgentTest {
    private static final String NETWORK = "{\"version\":1,\"clusterId\":\"west\",\"podCidrs\":[\"10.42.0.0/16\"],"
            + "\"gateways\":[{\"slot\":0,\"node\":\"gw\",\"address\":\"192.0.2.1\"}],"
            + "\"nodes\":[{\"name\":\"worker\",\"address\":\"192.0.2.2\",\"podCidrs\":[\"10.42.1.0/24\"]}],"
            + "\"peers\":[{\"clusterId\":\"east\",\"prefixes\":[\"10.52.0.0/16\"],\"allPods\":false}]}";

    private final NetworkNamespace worker;
    private final Path run;
    private final LinkedBlockingQueue<NodeReporter.Report> reports = new LinkedBlockingQueue<>();

    NodeAgentTest(@TempDir Path run) throws CommandFailedException {
        this.run = run;
        worker = NetworkNamespace.create("nd-agent");
        worker.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1");
        worker.run("ip", "addr", "add", "192.0.2.2/24", "dev", "eth0");
        worker.run("ip", "link", "set", "eth0", "up");
        worker.run("ip", "link", "set", "eth1", "up");
    }

    @AfterEach
    void removeWorker() throws CommandFailedException {
        worker.close();
    }

    private NodeAgent agent() throws Exception {
        StateDirectory state = StateDirectory.open(run);
        return new NodeAgent(new NodePlane("worker", PosixSpawnRunner.create(), state), state, reports::add);
    }

    private Thread start(NodeAgent agent) {
        return Thread.ofPlatform().daemon().start(() -> {
            try {
                worker.within(() -> {
                    agent.run();
                    return 0;
                });
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitReady() {
        await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(run.resolve("ready")));
    }

    private boolean programmed() throws CommandFailedException {
        return worker.run("ip", "rule", "show").contains("lookup 7412");
    }

    /** Ends the agent as SIGTERM does. */
    private NodeAgent.Stopped end(NodeAgent agent, Thread thread, Evidence evidence) throws Exception {
        agent.stop();
        thread.join();
        return worker.within(() -> agent.decide(() -> evidence));
    }

    @Test
    void anUpgradeKeepsEverythingAndTheNextAgentStartsFromDiskWithoutTheApiServer() throws Exception {
        NodeAgent first = agent();
        Thread thread = start(first);
        first.present(NETWORK, "");
        awaitReady();
        assertFalse(end(first, thread, Evidence.KNOWN).cleaned());
        assertTrue(programmed());
        worker.run("ip", "rule", "del", "priority", "749");
        long began = System.nanoTime();
        NodeAgent second = agent();
        Thread again = start(second);
        awaitReady();
        System.out.println("served from disk after " + (System.nanoTime() - began) / 1_000_000 + " ms");
        assertTrue(worker.run("ip", "rule", "show").contains("749:"));
        end(second, again, Evidence.SILENCE);
        assertTrue(programmed());
    }

    @Test
    void aRevokedTokenCleansTheNodeAndForgetsTheState() throws Exception {
        NodeAgent agent = agent();
        Thread thread = start(agent);
        agent.present(NETWORK, "");
        awaitReady();
        assertTrue(end(agent, thread, Evidence.TOKEN_REVOKED).cleaned());
        assertFalse(programmed());
        assertFalse(Files.exists(run.resolve("network.json")));
    }

    @Test
    void aDeletionThatTheWatchSeesWhileWaitingCleansTheNode() throws Exception {
        NodeAgent agent = agent();
        Thread thread = start(agent);
        agent.present(NETWORK, "");
        awaitReady();
        agent.stop();
        thread.join();
        NodeAgent.Stopped stopped = worker.within(() -> agent.decide(() -> {
            agent.absent(Evidence.NETWORK_DELETED);
            return Evidence.FORBIDDEN;
        }));
        assertEquals(new NodeAgent.Stopped(Evidence.NETWORK_DELETED, true), stopped);
        assertFalse(programmed());
    }

    @Test
    void aDocumentThatCannotBeReadLeavesTheLastGoodOneInForce() throws Exception {
        NodeAgent agent = agent();
        Thread thread = start(agent);
        agent.present(NETWORK, "");
        awaitReady();
        agent.present("{\"version\":1}", "");
        end(agent, thread, Evidence.KNOWN);
        assertTrue(programmed());
        assertEquals(1, reports.size());
    }

    @Test
    void corruptStateIsIgnored() throws Exception {
        StateDirectory.open(run).write("network.json", NETWORK);
        Files.writeString(run.resolve("network.json"), "garbage");
        NodeAgent agent = agent();
        Thread thread = start(agent);
        end(agent, thread, Evidence.KNOWN);
        assertFalse(programmed());
    }

    /** What somebody does, on a node that nobody else changes. */
    private void expectHealed(String act, String counted) throws Exception {
        String wanted = kernel();
        long began = System.nanoTime();
        worker.run(List.of(act.split(" ")), "");
        await(act)
                .atMost(Duration.ofSeconds(2))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> kernel().equals(wanted));
        System.out.println(act + ": healed after " + (System.nanoTime() - began) / 1_000_000 + " ms");
        await(counted).atMost(Duration.ofSeconds(2)).until(() -> reports.stream()
                .flatMap(report -> report.findings().stream())
                .anyMatch(finding ->
                        finding.problem() == Problem.DRIFT && finding.message().contains(counted)));
    }

    /** What of ours is there. */
    private String kernel() throws CommandFailedException {
        return worker.run("ip", "rule", "show")
                + worker.run("ip", "route", "show", "table", "7412")
                + worker.run("ip", "-br", "addr", "show", "type", "vxlan").replaceAll("fe80\\S+", "")
                + worker.run("nft", "-s", "list", "ruleset");
    }

    @Test
    void whatOthersTakeAwayIsBackWithinASecondAndCounted() throws Exception {
        NodeAgent agent = agent();
        Thread thread = start(agent);
        agent.present(NETWORK, "");
        awaitReady();
        expectHealed("ip route flush table 7412", "routes");
        expectHealed("ip rule del priority 749", "1 rule");
        expectHealed("nft delete table inet tombolo_node", "1 nftables table");
        expectHealed("ip link del tbvx", "1 interface");
        end(agent, thread, Evidence.KNOWN);
    }

    @Test
    void aFullDiskKeepsNothingFromTheKernel() throws Exception {
        Path full = Files.createDirectory(run.resolve("full"));
        PosixSpawnRunner runner = PosixSpawnRunner.create();
        runner.run("mount", "-t", "tmpfs", "-o", "size=64k", "none", full.toString());
        try {
            Files.write(full.resolve("filling"), new byte[1 << 16]);
            StateDirectory state = StateDirectory.open(full);
            NodeAgent agent =
                    new NodeAgent(new NodePlane("worker", PosixSpawnRunner.create(), state), state, reports::add);
            Thread thread = start(agent);
            agent.present(NETWORK, "");
            await().atMost(Duration.ofSeconds(20)).until(this::programmed);
            assertFalse(Files.exists(full.resolve("ready")));
            Files.delete(full.resolve("filling"));
            agent.present(NETWORK, "UDP 9000 10.42.1.5\n");
            await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(full.resolve("ready")));
            end(agent, thread, Evidence.KNOWN);
        } finally {
            runner.run("umount", full.toString());
        }
    }
}
