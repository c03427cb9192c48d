package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.host.CommandFailedException;
import java.io.IOException;
import java.util.List;

/** What the pods of {@link SlotClusters} say to each other, and what of it is seen on the wire. */
final class PodTraffic {
    private static final String STREAMS = "7001";

    private final SlotClusters clusters;

    PodTraffic(SlotClusters clusters) {
        this.clusters = clusters;
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

    /** Takes the streams of {@link #stream} in the pod of {@code cluster}. */
    void sink(String cluster) throws IOException {
        Process sink = SlotClusters.java(
                clusters.machine(cluster, "pod"), SizedFlow.class, "sink", clusters.ownAddress(cluster), STREAMS);
        assertEquals("listening", sink.inputReader().readLine());
    }

    /** From the pod of {@code from} to that of the other cluster, as much as passes. It has begun. */
    Process stream(String from, int millis) throws IOException {
        return sized("stream", from, STREAMS, millis);
    }

    /** To a port where nobody listens, 38 Mbit/s whether they pass or not. It has begun. */
    Process flood(String from, int millis) throws IOException {
        return sized("flood", from, "7002", millis);
    }

    private Process sized(String what, String from, String port, int millis) throws IOException {
        Process process = SlotClusters.java(
                clusters.machine(from, "pod"),
                SizedFlow.class,
                what,
                clusters.podAddress(SlotWorld.other(from)),
                port,
                Integer.toString(millis));
        assertEquals("started", process.inputReader().readLine());
        return process;
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
        for (String cluster : SlotWorld.CLUSTERS) {
            String[] counter = clusters.machine(cluster, "pod")
                    .run("nstat", "-asz", "UdpRcvbufErrors")
                    .strip()
                    .split("\\s+");
            all += Long.parseLong(counter[counter.length - 2]);
        }
        return all;
    }

    /** From now on. What nodes of a cluster say to its own pods in the clear is the CNI's, and not counted. */
    void countPlainPackets() throws CommandFailedException {
        StringBuilder rules = new StringBuilder();
        for (String cluster : SlotWorld.CLUSTERS) {
            String pods = clusters.world.addresses(cluster);
            String inside = clusters.world.insiders(cluster);
            rules.append("ip saddr { %s } ip daddr != { %s } counter name plain%n".formatted(pods, inside));
            rules.append("ip daddr { %s } ip saddr != { %s } counter name plain%n".formatted(pods, inside));
        }
        clusters.wan.run(List.of("nft", "-f", "-"), """
                table bridge wan {
                    counter plain {
                    }
                    chain pass {
                        type filter hook forward priority 0; policy accept;
                        %s
                    }
                }
                """.formatted(rules));
    }

    /** Packets on the wire with the address of a pod, or its alias, that came from another cluster or go there. */
    long plainPackets() throws CommandFailedException {
        String counter = clusters.wan.run("nft", "list", "counter", "bridge", "wan", "plain");
        return Long.parseLong(counter.replaceAll("(?s).*packets ([0-9]+) .*", "$1"));
    }
}
