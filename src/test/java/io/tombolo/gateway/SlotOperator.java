package io.tombolo.gateway;

import io.tombolo.handover.NetworkDocumentCodec;
import io.tombolo.host.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What admins, operators and StatefulSets do in {@link SlotClusters}. */
final class SlotOperator {
    /** So long a pod's lanes outlive the request to stop: their containers' preStop. */
    private static final Duration DRAIN = Duration.ofSeconds(2);

    private final SlotClusters clusters;

    SlotOperator(SlotClusters clusters) {
        this.clusters = clusters;
    }

    SlotWorld.Size size(String cluster) throws IOException {
        return SlotWorld.Size.read(clusters.keys(), cluster);
    }

    private void tellNodes(String cluster) throws IOException {
        SlotWorld world = SlotWorld.read(clusters.keys());
        boolean linked = SlotWorld.isLinked(clusters.keys(), cluster);
        SlotWorld.replace(
                clusters.document(cluster), NetworkDocumentCodec.write(world.document(cluster, size(cluster), linked)));
    }

    /** The admin of a cluster deletes its link; nobody tells the other one's. */
    void unlink(String cluster) throws IOException {
        Files.createFile(SlotWorld.unlinked(clusters.keys(), cluster));
        tellNodes(cluster);
    }

    /** And applies it again. */
    void link(String cluster) throws IOException {
        Files.delete(SlotWorld.unlinked(clusters.keys(), cluster));
        tellNodes(cluster);
    }

    /** The key that a slot is to change to is announced beside the one it has. */
    void mint(String cluster, int slot) throws IOException {
        int newest = size(cluster).generations().get(slot).last();
        announce(cluster, slot, newest, newest + 1);
    }

    /** And when every lane has it, it is announced alone. */
    void retire(String cluster, int slot) throws IOException {
        int newest = size(cluster).generations().get(slot).last();
        announce(cluster, slot, newest, newest);
    }

    private void announce(String cluster, int slot, int oldest, int newest) throws IOException {
        size(cluster).with(slot, new SlotWorld.Generations(oldest, newest)).write(clusters.keys(), cluster);
    }

    /** In both clusters at once: a slot goes when its pod is gone. */
    void shrink() throws Exception {
        stop(clusters.faults.signal("west", 1, "TERM"), clusters.faults.signal("east", 1, "TERM"));
        for (String cluster : SlotWorld.CLUSTERS) {
            // its pod is gone, and wireguard-go with it
            onDevices(cluster, 1, "ip", "link", "set", "down", "dev");
            size(cluster).with(1).write(clusters.keys(), cluster);
            tellNodes(cluster);
        }
        for (String cluster : SlotWorld.CLUSTERS) {
            clusters.agent(cluster, "g0").await("one lane is left", "ready=true 0=Up"::equals);
        }
    }

    /** A slot is announced before its pod is there, and nodes are told when it is placed. */
    void grow() throws Exception {
        for (String cluster : SlotWorld.CLUSTERS) {
            size(cluster).with(2).write(clusters.keys(), cluster);
        }
        for (String cluster : SlotWorld.CLUSTERS) {
            tellNodes(cluster);
            clusters.startGateway(cluster, 1);
        }
        clusters.awaitLanes();
    }

    /** An upgrade: the pod that follows makes the lanes anew. */
    void replace(String cluster, int slot) throws Exception {
        stop(clusters.faults.signal(cluster, slot, "TERM"));
        onDevices(cluster, slot, "ip", "link", "del", "dev");
        clusters.startGateway(cluster, slot);
        clusters.awaitLanes(cluster, slot);
    }

    /** Waits for agents that were told to stop. */
    private static void stop(ProcessHandle... agents)
            throws InterruptedException, ExecutionException, TimeoutException {
        Thread.sleep(DRAIN);
        for (ProcessHandle agent : agents) {
            agent.onExit().get(SlotClusters.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private void onDevices(String cluster, int slot, String... command) throws CommandFailedException {
        for (String device : SlotClusters.DEVICES) {
            List<String> argv = new ArrayList<>(List.of(command));
            argv.add(device);
            clusters.machine(cluster, "g" + slot).run(argv.toArray(String[]::new));
        }
    }
}
