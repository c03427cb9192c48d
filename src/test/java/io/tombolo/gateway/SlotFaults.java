package io.tombolo.gateway;

import io.tombolo.host.CommandFailedException;
import io.tombolo.net.Addresses;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** What happens to gateways of {@link SlotClusters}. */
final class SlotFaults {
    /** Of the door and the lanes. */
    private static final int LAST_PORT = TwoClusters.PORT + SlotWorld.SLOTS;

    private final SlotClusters clusters;

    SlotFaults(SlotClusters clusters) {
        this.clusters = clusters;
    }

    /** What a gateway's node loses at once, and nobody is told. */
    enum Loss {
        /** Nothing comes in any more, and nothing goes out. */
        BOTH,
        IN,
        OUT
    }

    void cut(String cluster, int slot, Loss loss) throws CommandFailedException {
        drop(
                cluster,
                slot,
                loss == Loss.OUT ? "" : "iifname \"wan\" drop",
                loss == Loss.IN ? "" : "oifname \"wan\" drop");
    }

    /** Of every hundred packets so many are lost on average, in either direction. */
    void lose(String cluster, int slot, int percent) throws CommandFailedException {
        String some = "numgen random mod 100 < " + percent + " drop";
        drop(cluster, slot, "iifname \"wan\" " + some, "oifname \"wan\" " + some);
    }

    /** The two gateways of a cluster do not see each other; it is mended at the first. */
    void part(String cluster) throws CommandFailedException {
        String other = Addresses.text(SlotWorld.underlay(cluster, 1));
        drop(cluster, 0, "ip saddr " + other + " drop", "ip daddr " + other + " drop");
    }

    /**
     * Packets of more than so many bytes do not pass between a gateway and other clusters any more, and nobody is told. On
     * the way to its own nodes they do.
     */
    void narrow(String cluster, int slot, int bytes) throws CommandFailedException {
        String large = "udp dport != 4792 meta length > " + bytes + " drop";
        drop(cluster, slot, "iifname \"wan\" " + large, "");
        // where they come in: what goes out may be many packets in one
        String from = "ip saddr " + Addresses.text(SlotWorld.underlay(cluster, slot)) + " ";
        for (int other = 0; other < SlotWorld.SLOTS; other++) {
            drop(SlotWorld.other(cluster), other, from + large, "");
        }
        for (String any : SlotWorld.CLUSTERS) {
            for (int i = 0; i < SlotWorld.SLOTS; i++) {
                // what wireguard-go hands over at once is on the wire as it would be on a real one: packet by packet
                clusters.machine(any, "g" + i).run("ip", "link", "set", "wan", "gso_max_segs", "1");
            }
        }
    }

    void widen(String cluster, int slot) throws CommandFailedException {
        mend(cluster, slot);
        for (int other = 0; other < SlotWorld.SLOTS; other++) {
            mend(SlotWorld.other(cluster), other);
        }
    }

    /**
     * A gateway's network takes so much and no more, and queues for at most 50 ms.
     *
     * @param rate as {@code tc} reads it
     */
    void slow(String cluster, int slot, String rate) throws CommandFailedException {
        for (Port port : ports(cluster, slot)) {
            port.machine.run(
                    "tc",
                    "qdisc",
                    "add",
                    "dev",
                    port.device,
                    "root",
                    "tbf",
                    "rate",
                    rate,
                    "burst",
                    "32kb",
                    "latency",
                    "50ms");
        }
    }

    /** @return packets that found no room meanwhile */
    long unslow(String cluster, int slot) throws CommandFailedException {
        long dropped = 0;
        for (Port port : ports(cluster, slot)) {
            String counters = port.machine.run("tc", "-s", "qdisc", "show", "dev", port.device);
            dropped += Long.parseLong(counters.replaceAll("(?s).*\\(dropped ([0-9]+),.*", "$1"));
            port.machine.run("tc", "qdisc", "del", "dev", port.device, "root");
        }
        return dropped;
    }

    /** One end of a wire. */
    private record Port(Namespace machine, String device) {}

    /** Both ends of a gateway's wire. */
    private List<Port> ports(String cluster, int slot) {
        String node = "g" + slot;
        return List.of(new Port(clusters.machine(cluster, node), "wan"), new Port(clusters.wan, cluster + "-" + node));
    }

    private void drop(String cluster, int slot, String in, String out) throws CommandFailedException {
        clusters.machine(cluster, "g" + slot).run(List.of("nft", "-f", "-"), """
                table inet cut {
                    chain in {
                        type filter hook prerouting priority -400; policy accept;
                        %s
                    }
                    chain out {
                        type filter hook postrouting priority 400; policy accept;
                        %s
                    }
                }
                """.formatted(in, out));
    }

    /**
     * A NAT comes before a gateway and gives it another address and other ports: what is sent to those it had is lost, and
     * nobody is told. Without conntrack, which would remember.
     */
    void translate(String cluster, int slot) throws CommandFailedException {
        String node = Addresses.text(SlotWorld.underlay(cluster, slot));
        String outside = outside(cluster, slot);
        StringBuilder in = new StringBuilder();
        StringBuilder out = new StringBuilder();
        for (int port = TwoClusters.PORT; port <= LAST_PORT; port++) {
            int mapped = port + 1_000;
            in.append("\t\tip daddr %s udp dport %d ip daddr set %s udp dport set %d accept\n"
                    .formatted(outside, mapped, node, port));
            out.append("\t\tudp sport %d ip saddr set %s udp sport set %d\n".formatted(port, outside, mapped));
        }
        Namespace gateway = clusters.machine(cluster, "g" + slot);
        gateway.run("ip", "addr", "add", outside + "/32", "dev", "wan");
        gateway.run(List.of("nft", "-f", "-"), """
                table ip outside {
                    chain in {
                        type filter hook prerouting priority -400; policy accept;
                        iifname != "wan" accept
                %s
                        udp dport %d-%d drop
                    }
                    chain out {
                        type filter hook postrouting priority 400; policy accept;
                        oifname != "wan" accept
                %s
                    }
                }
                """.formatted(in, TwoClusters.PORT, LAST_PORT, out));
    }

    /** Whether both gateways of the other cluster send to where it is now. */
    boolean isSeenTranslated(String cluster, int slot) throws CommandFailedException {
        for (int other = 0; other < SlotWorld.SLOTS; other++) {
            String endpoints =
                    clusters.machine(SlotWorld.other(cluster), "g" + other).run("wg", "show", "tb" + slot, "endpoints");
            if (!endpoints.contains(outside(cluster, slot) + ":")) {
                return false;
            }
        }
        return true;
    }

    /** And goes again. */
    void reveal(String cluster, int slot) throws CommandFailedException {
        Namespace gateway = clusters.machine(cluster, "g" + slot);
        gateway.run("nft", "delete", "table", "ip", "outside");
        gateway.run("ip", "addr", "del", outside(cluster, slot) + "/32", "dev", "wan");
    }

    private static String outside(String cluster, int slot) {
        byte[] address = SlotWorld.underlay(cluster, slot).getAddress();
        address[3] += 100;
        return Addresses.text(Addresses.of(address));
    }

    void mend(String cluster, int slot) throws CommandFailedException {
        clusters.machine(cluster, "g" + slot).run("nft", "delete", "table", "inet", "cut");
    }

    /** All of ours that others can take away, but for the devices. */
    void flush(String cluster, int slot) throws CommandFailedException {
        Namespace gateway = clusters.machine(cluster, "g" + slot);
        gateway.run("ip", "nexthop", "flush", "proto", "74"); // and with them the routes
        gateway.run("ip", "route", "flush", "table", "7410", "proto", "74");
        gateway.run("ip", "rule", "flush", "protocol", "74");
        gateway.run("nft", "delete", "table", "inet", "tombolo_gateway");
    }

    /** The node is off, and what its kernel had is gone; what its disk has is not. */
    void powerOff(String cluster, int slot) throws IOException, InterruptedException, CommandFailedException {
        Namespace gateway = clusters.machine(cluster, "g" + slot);
        gateway.run("ip", "link", "set", "wan", "down");
        signal(cluster, slot, "KILL").onExit().join();
        flush(cluster, slot);
        gateway.run("ip", "link", "del", "tbvx");
        for (String device : SlotClusters.DEVICES) {
            gateway.run("ip", "link", "del", device); // its container starts again
        }
    }

    /** The network is back, and the node's agent is done before the gateway's starts. */
    void powerOn(String cluster, int slot) throws CommandFailedException {
        clusters.machine(cluster, "g" + slot).run("ip", "link", "set", "wan", "up");
        clusters.relay(cluster, slot);
    }

    /** What {@code kill} does to the agent's process; wireguard-go is another one. */
    ProcessHandle signal(String cluster, int slot, String signal) throws IOException, InterruptedException {
        ProcessHandle java = clusters.agent(cluster, "g" + slot)
                .process
                .descendants()
                .filter(process -> process.info().command().orElse("").endsWith("/java"))
                .findFirst()
                .orElseThrow();
        int status = new ProcessBuilder("kill", "-" + signal, Long.toString(java.pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + signal + ": " + status);
        }
        return java;
    }

    void cordon(String cluster, int slot) throws IOException {
        Files.createFile(clusters.cordon(cluster, slot));
    }

    void uncordon(String cluster, int slot) throws IOException {
        Files.delete(clusters.cordon(cluster, slot));
    }
}
