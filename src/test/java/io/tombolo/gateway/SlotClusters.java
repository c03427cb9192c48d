package io.tombolo.gateway;

import io.tombolo.host.CommandFailedException;
import io.tombolo.net.Addresses;
import io.tombolo.node.NodeProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The clusters of {@link SlotWorld} as namespaces on one wire, with every agent and wireguard-go a process of its own, and
 * a pod on each w: 10.n.3.2, or 10.7.3.2 where they overlap.
 */
final class SlotClusters implements AutoCloseable {
    /** Of a gateway, each a wireguard-go of its own. */
    static final List<String> DEVICES = List.of("tbdoor", "tb0", "tb1");

    /** All agents start at once. */
    static final Duration PATIENCE = Duration.ofSeconds(40);

    /** The age, in seconds, at which an agent has its pre-shared keys followed by others. */
    int renewal = 120;

    private final Path directory;
    final SlotWorld world;
    final Namespace wan = Namespace.make();
    private final Map<String, Namespace> machines = new HashMap<>();
    private final Map<String, Agent> agents = new HashMap<>();
    /** What is in the kernels of a cluster that was never linked. */
    private final Map<String, String> unlinked = new HashMap<>();

    final SlotOperator operator = new SlotOperator(this);
    final SlotFaults faults = new SlotFaults(this);
    final PodTraffic traffic = new PodTraffic(this);

    SlotClusters(Path directory) throws IOException, CommandFailedException {
        this(directory, false);
    }

    /** @param overlapping whether both clusters have the same pod addresses */
    SlotClusters(Path directory, boolean overlapping) throws IOException, CommandFailedException {
        this.directory = directory;
        SlotWorld.make(keys(), overlapping);
        world = SlotWorld.read(keys());
        wan.run("ip", "link", "add", "br0", "type", "bridge");
        wan.run("ip", "link", "set", "br0", "up");
        for (String cluster : SlotWorld.CLUSTERS) {
            for (int i = 0; i < SlotWorld.NODES.size(); i++) {
                machine(cluster, i);
            }
            pod(cluster);
        }
    }

    private void machine(String cluster, int i) throws IOException, CommandFailedException {
        String name = SlotWorld.NODES.get(i);
        Namespace machine = Namespace.make();
        machines.put(cluster + "-" + name, machine);
        String port = cluster + "-" + name;
        Namespace.wire(machine, "wan", wan, port);
        wan.run("ip", "link", "set", port, "master", "br0");
        machine.run("ip", "addr", "add", text(cluster, i) + "/24", "dev", "wan");
        if (i < SlotWorld.SLOTS) {
            String program = Path.of("image/tombolo-wireguard").toAbsolutePath().toString();
            // as every CNI has one to the pods of another node
            machine.run(
                    "ip",
                    "route",
                    "add",
                    world.pods(cluster, SlotWorld.SLOTS).toString(),
                    "via",
                    text(cluster, SlotWorld.SLOTS));
            for (String device : DEVICES) {
                // what runs in the container; as there, nothing of it outlives it
                machine.serve("unshare", "--pid", "--fork", "--kill-child", program, device);
            }
            relay(cluster, i);
        }
    }

    private static String text(String cluster, int node) {
        return Addresses.text(SlotWorld.underlay(cluster, node));
    }

    /** Does what the node's agent does on a gateway's node. */
    void relay(String cluster, int slot) throws CommandFailedException {
        Namespace machine = machine(cluster, SlotWorld.NODES.get(slot));
        machine.run("ip", "link", "add", "tbvx", "mtu", "1464", "type", "vxlan", "external", "gpe", "dstport", "4792");
        machine.run("ip", "link", "set", "tbvx", "addrgenmode", "none");
        machine.run(
                "ip", "addr", "add", Addresses.text(world.pods(cluster, slot).network()) + "/32", "dev", "tbvx");
        machine.run("ip", "link", "set", "tbvx", "up");
    }

    private void pod(String cluster) throws IOException, CommandFailedException {
        Namespace pod = Namespace.make();
        machines.put(cluster + "-pod", pod);
        Namespace.wire(machine(cluster, "w"), "cni0", pod, "eth0");
        byte[] node = world.pods(cluster, 2).network().getAddress();
        node[3] = 1;
        for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
            // the CNI's way: what a gateway itself has to say comes from such an address
            String gateway = text(cluster, slot);
            machine(cluster, "w")
                    .run("ip", "route", "add", world.pods(cluster, slot).toString(), "via", gateway);
        }
        String bridge = Addresses.text(Addresses.of(node));
        machine(cluster, "w").run("ip", "addr", "add", bridge + "/24", "dev", "cni0");
        pod.run("ip", "addr", "add", Addresses.text(own(cluster)) + "/24", "dev", "eth0");
        // Linux's default: BBR, which some machines have, takes a path that swallowed packets for a policed one for
        // minutes
        pod.run("ip", "route", "add", "default", "via", bridge, "congctl", "cubic");
    }

    /** What every process of these clusters reads. */
    Path keys() {
        return directory.resolve("keys");
    }

    Namespace machine(String cluster, String name) {
        Namespace machine = machines.get(cluster + "-" + name);
        if (machine == null) {
            throw new IllegalArgumentException(cluster + "-" + name);
        }
        return machine;
    }

    private InetAddress own(String cluster) {
        byte[] pod = world.pods(cluster, 2).network().getAddress();
        pod[3] = 2;
        return Addresses.of(pod);
    }

    /** What the pod has. */
    String ownAddress(String cluster) {
        return Addresses.text(own(cluster));
    }

    /** What the other cluster knows the pod as. */
    String podAddress(String cluster) {
        return Addresses.text(world.aliases(cluster).of(own(cluster)));
    }

    /** Starts every agent, links the clusters and waits until every lane is up and every worker has chosen. */
    void startAgents() throws Exception {
        for (String cluster : SlotWorld.CLUSTERS) {
            operator.unlink(cluster);
            for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
                startGateway(cluster, slot);
            }
            Agent node = new Agent(
                    java(
                            machine(cluster, "w"),
                            NodeProcess.class,
                            "w",
                            document(cluster).toString(),
                            directory.resolve(cluster + "-w").toString()),
                    PATIENCE);
            agents.put(cluster + "-w", node);
        }
        for (String cluster : SlotWorld.CLUSTERS) {
            agent(cluster, "w").await("the node is programmed", "report []"::equals);
            for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
                agent(cluster, SlotWorld.NODES.get(slot)).await("the gateway is programmed", "ready=true"::equals);
            }
            unlinked.put(cluster, normalForm(cluster));
        }
        for (String cluster : SlotWorld.CLUSTERS) {
            operator.link(cluster);
        }
        awaitLanes();
    }

    /** Of all gateways. */
    void awaitLanes() throws InterruptedException {
        for (String cluster : SlotWorld.CLUSTERS) {
            for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
                awaitLanes(cluster, slot);
            }
        }
    }

    /** What the operator says to the nodes of a cluster. */
    Path document(String cluster) {
        return directory.resolve(cluster + ".json");
    }

    /** Nothing of the link is in the kernel of any of its cluster's nodes; all the rest is. */
    boolean isUnlinked(String cluster) throws CommandFailedException {
        return normalForm(cluster).equals(unlinked.get(cluster));
    }

    /** Whether the first of a gateway's lanes is left alone by the packets that are its own. */
    /** Keys, handshakes and packets of every lane, and where nexthops lead: for whoever waits in vain. */
    String lanes() throws CommandFailedException {
        StringBuilder lanes = new StringBuilder();
        for (String cluster : SlotWorld.CLUSTERS) {
            for (int slot = 0; slot < SlotWorld.SLOTS; slot++) {
                Namespace gateway = machine(cluster, "g" + slot);
                lanes.append("\n").append(cluster).append(' ').append(slot).append('\n');
                for (String[] command : new String[][] {
                    {"wg", "show", "all", "dump"}, // nobody else uses these keys
                    {"ip", "nexthop", "show", "proto", "74"},
                    {"ip", "-6", "route", "show", "proto", "74"},
                    {"date", "+now %s"}
                }) {
                    lanes.append(gateway.run(command));
                }
            }
        }
        return lanes.toString();
    }

    boolean isLaneResting(String cluster, int slot) throws CommandFailedException {
        return !machine(cluster, "g" + slot)
                .run("ip", "nexthop", "show", "proto", "74")
                .lines()
                .findFirst()
                .orElse("")
                .contains("dev tb0");
    }

    /** How many of a gateway's two lanes have the newest key there is. */
    long lanesWithNewestKey(String cluster, int slot) throws IOException, CommandFailedException {
        String newest = SlotWorld.read(keys())
                .laneKey(
                        cluster,
                        slot,
                        operator.size(cluster).generations().get(slot).last())
                .toString();
        long lanes = 0;
        for (String device : List.of("tb0", "tb1")) {
            String has = machine(cluster, "g" + slot).run("wg", "show", device, "public-key");
            lanes += has.strip().equals(newest) ? 1 : 0;
        }
        return lanes;
    }

    /** What a gateway's lane to a slot of the other cluster has for its one peer; {@code (none)} for the link's, which has none. */
    String presharedKey(String cluster, int slot, int peer) throws CommandFailedException {
        return machine(cluster, "g" + slot)
                .run("wg", "show", "tb" + peer, "preshared-keys")
                .strip()
                .split("\\s+")[1];
    }

    /** Whether no gateway of the other cluster has a key left that it agreed on with this one, whose device may be new. */
    boolean isForgotten(String cluster, int slot) throws CommandFailedException {
        for (int other = 0; other < SlotWorld.SLOTS; other++) {
            if (!presharedKey(SlotWorld.other(cluster), other, slot).equals("(none)")) {
                return false;
            }
        }
        return true;
    }

    void startGateway(String cluster, int slot) throws IOException {
        startGateway(cluster, slot, 0);
    }

    /** @param last the number of the command that the agent dies after; 0 for none */
    void startGateway(String cluster, int slot, int last) throws IOException {
        agents.put(
                cluster + "-g" + slot,
                new Agent(
                        java(
                                machine(cluster, "g" + slot),
                                SlotProcess.class,
                                keys().toString(),
                                cluster,
                                Integer.toString(slot),
                                Integer.toString(renewal),
                                Integer.toString(last)),
                        PATIENCE));
    }

    void awaitLanes(String cluster, int slot) throws InterruptedException {
        agent(cluster, "g" + slot)
                .await("both lanes of " + cluster + " " + slot + " are up", "ready=true 0=Up 1=Up"::equals);
    }

    Agent agent(String cluster, String name) {
        Agent agent = agents.get(cluster + "-" + name);
        if (agent == null) {
            throw new IllegalArgumentException(cluster + "-" + name);
        }
        return agent;
    }

    /** How often any gateway took a lane for dead, those of agents that have ended aside. */
    long deaths() {
        return agents.values().stream()
                .mapToLong(agent -> agent.count(line -> line.contains("=Down")))
                .sum();
    }

    /** Where a gateway's agent keeps what it knows. */
    Path state(String cluster, int slot) {
        return directory.resolve(cluster + "-" + SlotWorld.NODES.get(slot));
    }

    /** It is there while the gateway's node is cordoned. */
    Path cordon(String cluster, int slot) {
        return directory.resolve("cordon-" + cluster + "-" + slot);
    }

    /** Of every node. */
    String normalForm() throws CommandFailedException {
        return normalForm("west") + normalForm("east");
    }

    private String normalForm(String cluster) throws CommandFailedException {
        StringBuilder all = new StringBuilder();
        for (String node : SlotWorld.NODES) {
            all.append("-- ").append(cluster).append(' ').append(node).append('\n');
            all.append(NormalForm.of(machine(cluster, node))).append('\n');
        }
        return all.toString();
    }

    /** Which of its cluster's gateways the pods of w leave by. */
    int slotOf(String cluster) throws CommandFailedException {
        String route = machine(cluster, "w").run("ip", "route", "show", "table", "7412", "proto", "74");
        return Integer.parseInt(route.replaceAll("(?s).* nhid 70000([0-9]).*", "$1"));
    }

    static Process java(Namespace where, Class<?> main, String... args) throws IOException {
        List<String> argv = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        argv.addAll(List.of(args));
        return where.start(argv.toArray(String[]::new));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (Namespace machine : machines.values()) {
            machine.close();
        }
        wan.close();
    }
}
