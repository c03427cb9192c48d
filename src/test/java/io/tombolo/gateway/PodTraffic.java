package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.host.CommandFailedException;
import java.io.IOException;
import java.util.List;

/** What the pods of {@link SlotClusters} say to each other, and what of it is seen on the wire. */
final class PodTraffic {
    private final SlotClusters clusters;
    private final Namespace wan;

    PodTraffic(SlotClusters clusters, Namespace wan) {
        this.clusters = clusters;
        this.wan = wan;
    }

    Process echo(String cluster) throws IOException {
        Process process = SlotClusters.java(
                clusters.machine(cluster, "pod"), UdpFlow.class, "echo", clusters.ownAddress(cluster), "7000");
        if (!"listening".equals(process.inputReader().readLine())) {
            throw new IOException("the echo server did not start");
        }
        return process;
    }

    /** Numbered datagrams from the pod of {@code from} to that of the other cluster, one a millisecond. */
    Process flow(String from, int count) throws IOException {
        return SlotClusters.java(
                clusters.machine(from, "pod"),
                UdpFlow.class,
                "send",
                clusters.podAddress(SlotWorld.other(from)),
                "7000",
                Integer.toString(count));
    }

    /** What happens to a flow. */
    interface Event {
        void happens() throws Exception;
    }

    /** @return datagrams that were never answered, of those that a pod's own socket did not drop */
    long lost(String from, int count, Event event) throws Exception {
        long starved = starved();
        Process flow = flow(from, count);
        var lines = flow.inputReader();
        assertEquals("started " + clusters.podAddress(from), lines.readLine());
        event.happens();
        String last = String.valueOf(lines.readLine());
        return Long.parseLong(last.replace("lost ", "")) - (starved() - starved);
    }

    /** Datagrams that the pods' own sockets had no room for. */
    long starved() throws CommandFailedException {
        long all = 0;
        for (String cluster : List.of("west", "east")) {
            String[] counter = clusters.machine(cluster, "pod")
                    .run("nstat", "-asz", "UdpRcvbufErrors")
                    .strip()
                    .split("\\s+");
            all += Long.parseLong(counter[counter.length - 2]);
        }
        return all;
    }

    /** From now on. */
    void countPlainPackets() throws CommandFailedException {
        wan.run(List.of("nft", "-f", "-"), """
                table bridge wan {
                    counter plain {
                    }
                    chain pass {
                        type filter hook forward priority 0; policy accept;
                        ip saddr { 10.0.0.0/8, 100.64.0.0/10 } counter name plain
                        ip daddr { 10.0.0.0/8, 100.64.0.0/10 } counter name plain
                    }
                }
                """);
    }

    /** Packets on the wire with the address of a pod, or its alias. */
    long plainPackets() throws CommandFailedException {
        String counter = wan.run("nft", "list", "counter", "bridge", "wan", "plain");
        return Long.parseLong(counter.replaceAll("(?s).*packets ([0-9]+) .*", "$1"));
    }
}
