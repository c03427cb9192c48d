package io.tombolo.gateway;

import io.tombolo.gateway.wireguard.DeviceApplier;
import io.tombolo.host.CommandFailedException;
import io.tombolo.host.StateDirectory;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PrivateKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.Identity;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Two gateway nodes on one wire, each with one pod behind it: west 10.1.0.2, east 10.2.0.2. */
final class TwoClusters implements AutoCloseable {
    static final int PORT = 51820;

    final Side west;
    final Side east;

    TwoClusters() throws IOException, CommandFailedException {
        west = new Side("west", 1);
        east = new Side("east", 2);
        Namespace.wire(west.gateway, "wan", east.gateway, "wan");
        for (Side side : List.of(west, east)) {
            side.gateway.run("ip", "addr", "add", side.underlay() + "/24", "dev", "wan");
            // what the node's agent does on a gateway's node: its own pods look into the lane table too
            side.gateway.run(
                    "ip", "rule", "add", "priority", "744", "from", side.pods().toString(), "lookup", "7410");
        }
    }

    /** Starts what has the doors and the first lanes of both; it ends with the nodes. */
    void startWireGuard() throws IOException {
        for (Side side : List.of(west, east)) {
            for (String device : List.of("tbdoor", "tb0")) {
                side.gateway.serve("wireguard-go", "-f", device);
            }
        }
    }

    static DeviceApplier.LooseReversePath looseIn(Namespace namespace) {
        return device -> {
            try {
                namespace.run("sysctl", "-qw", "net.ipv4.conf." + device + ".rp_filter=2");
            } catch (CommandFailedException e) {
                throw new IOException(e);
            }
        };
    }

    Topology topology(Side of, LinkView.Access access) {
        Side peer = of == west ? east : west;
        return new Topology(
                of.local(),
                new TreeMap<>(Map.of(peer.id, peer.asPeer(access))),
                Map.<ClusterId, List<io.tombolo.problem.Finding>>of());
    }

    /**
     * Datagrams that the pods' own sockets had no room for, since their processes waited for a CPU: lost, and not by the
     * path. Of all flows so far.
     */
    long starved() throws CommandFailedException {
        return west.starved() + east.starved();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        west.close();
        east.close();
    }

    /** One cluster of one node. */
    static final class Side implements AutoCloseable {
        final ClusterId id;
        final int number;
        final Identity identity = Identity.generate();
        final PrivateKey door = PrivateKey.generate();
        PrivateKey lane = PrivateKey.generate();
        long sequence = 1;
        int generation = 1;
        /** The age, in seconds, at which an agent has its pre-shared key followed by another. */
        int renewal = 120;

        /** Of the link to the peer: it asks for a key that this gateway does not have. */
        boolean lacksPresharedKey;

        final Namespace gateway;
        final Namespace pod;

        Side(String id, int number) throws IOException, CommandFailedException {
            this.id = new ClusterId(id);
            this.number = number;
            gateway = Namespace.make();
            pod = Namespace.make();
            Namespace.wire(gateway, "cni0", pod, "eth0");
            gateway.run("ip", "addr", "add", "10." + number + ".0.1/24", "dev", "cni0");
            pod.run("ip", "addr", "add", podAddress() + "/24", "dev", "eth0");
            pod.run("ip", "route", "add", "default", "via", "10." + number + ".0.1");
        }

        String underlay() {
            return "203.0.113." + number;
        }

        String podAddress() {
            return "10." + number + ".0.2";
        }

        InetAddress podInet() {
            return Addresses.parse(podAddress());
        }

        Cidr pods() {
            return Cidr.parse("10." + number + ".0.0/24");
        }

        Endpoint endpoint() {
            return new Endpoint(Addresses.parse(underlay()), PORT);
        }

        LocalView local() {
            return new LocalView(
                    id,
                    identity.publicKey(),
                    PORT,
                    List.of(new LocalView.Gateway(0, door.publicKey(), lane.publicKey(), 1, List.of(endpoint()))),
                    List.of(new LocalView.Node(id + "-n1", Addresses.parse(underlay()), List.of(pods()))),
                    List.of(pods()),
                    List.of(),
                    List.of(),
                    List.of());
        }

        Peer asPeer(LinkView.Access access) {
            return new Peer(
                    id,
                    local().tunnelAddress(),
                    access,
                    List.of(new Peer.Door(0, door.publicKey(), Optional.of(endpoint()))),
                    List.of(new Peer.Lane(0, lane.publicKey(), 1, Optional.of(endpoint()))),
                    List.of(pods()));
        }

        /** What this cluster says of itself, signed. */
        SignedAnnouncement announcement(Identity signer) {
            return signer.sign(new Announcement(
                    id,
                    sequence,
                    1,
                    1,
                    List.of(new Announcement.Slot(0, lane.publicKey(), generation, List.of(endpoint()))),
                    List.of(pods())));
        }

        /** The world of a {@link GatewayProcess}; {@code presented} is what it shows its peers. */
        void write(Path file, @Nullable Side peer, SignedAnnouncement presented) throws IOException {
            Base64.Encoder base64 = Base64.getEncoder();
            Properties p = new Properties();
            p.setProperty("id", id.value());
            p.setProperty("identity", identity.publicKey().toString());
            p.setProperty("door", door.encoded());
            p.setProperty("lane", lane.encoded());
            p.setProperty("generation", Integer.toString(generation));
            p.setProperty("underlay", underlay());
            p.setProperty("pods", pods().toString());
            p.setProperty("sequence", Long.toString(sequence));
            p.setProperty("announcement", base64.encodeToString(presented.bytes()));
            p.setProperty("signature", base64.encodeToString(presented.signature()));
            if (peer != null) {
                p.setProperty("peer", peer.id.value());
                p.setProperty("peer.identities", peer.identity.publicKey().toString());
                p.setProperty("peer.door", peer.door.publicKey().toString());
                p.setProperty("peer.underlay", peer.underlay());
                p.setProperty("peer.lacksPresharedKey", Boolean.toString(lacksPresharedKey));
            }
            Path fresh = file.resolveSibling(file.getFileName() + ".new");
            try (Writer writer = Files.newBufferedWriter(fresh)) {
                p.store(writer, null);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        /** Starts an agent; what it prints is read by the caller. */
        Process agent(Path file, Path state) throws IOException {
            return gateway.start(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx96m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    GatewayProcess.class.getName(),
                    file.toString(),
                    state.toString(),
                    Integer.toString(renewal));
        }

        /** What the lane's device has for its one peer. */
        String presharedKey() throws CommandFailedException {
            return gateway.run("wg", "show", "tb0", "preshared-keys").strip().split("\\s+")[1];
        }

        DataPlane dataPlane(StateDirectory state) {
            return new DataPlane(gateway, looseIn(gateway), state, Clock.systemUTC(), 0, id + "-n1");
        }

        DataPlane.Keys keys() {
            return new DataPlane.Keys(Map.of(door.publicKey(), door, lane.publicKey(), lane), Map.of());
        }

        private long starved() throws CommandFailedException {
            String[] counter =
                    pod.run("nstat", "-asz", "UdpRcvbufErrors").strip().split("\\s+");
            return Long.parseLong(counter[counter.length - 2]); // name, value, rate
        }

        /**
         * Bytes that the lane has sent to its one peer since that is its peer: what a session newly made has not sent.
         * The time of the last handshake would not do, WireGuard makes a new one when it pleases.
         */
        long sentByLane() throws CommandFailedException {
            return Long.parseLong(
                    gateway.run("wg", "show", "tb0", "transfer").strip().split("\\s+")[2]);
        }

        Process echo(int port) throws IOException {
            Process process = java("echo", podAddress(), Integer.toString(port));
            if (!"listening".equals(process.inputReader().readLine())) {
                throw new IOException("the echo server did not start");
            }
            return process;
        }

        Process java(String... args) throws IOException {
            return java(UdpFlow.class, args);
        }

        /** Runs a class in the pod. */
        Process java(Class<?> main, String... args) throws IOException {
            List<String> argv = new java.util.ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xmx64m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName()));
            argv.addAll(List.of(args));
            return pod.start(argv.toArray(String[]::new));
        }

        @Override
        public void close() throws IOException, InterruptedException {
            pod.close();
            gateway.close();
        }
    }
}
