package io.tombolo.gateway.wireguard;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.kernel.Drift;
import io.tombolo.kernel.Interface;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings one device after another into the wanted state, and adopts what it finds: a device that is as it should be is
 * not touched at all, so no session is lost when the agent starts again.
 *
 * <p>Where the kernel has WireGuard the device is made here; otherwise {@code wireguard-go} makes it, in a container of
 * its own per device, and is waited for.
 */
public final class DeviceApplier {
    private static final System.Logger LOG = System.getLogger(DeviceApplier.class.getName());

    private final CommandRunner runner;
    private final WireGuardReader reader;
    private final LooseReversePath loose;
    private final Clock clock;
    private final Drift drift;
    /** By name, how each device was left that was as wanted. */
    private final Map<String, Left> left = new HashMap<>();

    private final FirstCalls calls = new FirstCalls();

    private record Left(WantedDevice device, int index) {}

    /** Sets and reads rp_filter of an interface; netlink, since /proc/sys is read-only in the container. */
    public interface LooseReversePath {
        void set(String device) throws IOException;
    }

    public DeviceApplier(CommandRunner runner, LooseReversePath loose, Clock clock, Drift drift) {
        this.runner = runner;
        this.reader = new WireGuardReader(runner);
        this.loose = loose;
        this.clock = clock;
        this.drift = drift;
    }

    /**
     * What a pass did.
     *
     * @param ready whether every wanted device is there and as it should be
     * @param had every device as it was
     * @param keys the public key that each device has now
     * @param calling whether peers have not answered yet that are to be called again soon: in {@link FirstCalls#PAUSE}
     * @param changes for people and the log, without any key that is private
     */
    public record Outcome(
            boolean ready,
            List<ObservedDevice> had,
            Map<String, PublicKey> keys,
            boolean calling,
            List<String> changes,
            List<Finding> findings) {}

    /** The interfaces of this node by name. */
    public SortedMap<String, Interface> interfaces() throws CommandFailedException {
        return Interface.observe(runner);
    }

    /** Every lane among the interfaces of these names, as it is; what is no WireGuard device is left out. */
    public List<ObservedDevice> observe(Collection<String> interfaces) {
        List<ObservedDevice> observed = new ArrayList<>();
        for (String name : interfaces) {
            if (Wire.lane(name).isPresent()) {
                try {
                    observed.add(reader.read(name));
                } catch (CommandFailedException e) {
                    LOG.log(Level.DEBUG, "{0}: {1}", name, e.getMessage());
                }
            }
        }
        return observed;
    }

    /**
     * @param devices the door, then the lanes; none where nothing is known yet
     * @param interfaces of this node, as they are
     * @param keys private keys by their public halves
     * @param presharedKeys by the peer's public key
     */
    public Outcome apply(
            List<WantedDevice> devices,
            SortedMap<String, Interface> interfaces,
            Map<PublicKey, PrivateKey> keys,
            Map<PublicKey, PresharedKey> presharedKeys) {
        List<String> changes = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        List<ObservedDevice> had = new ArrayList<>();
        Map<String, PublicKey> has = new HashMap<>();
        Set<String> names = devices.stream().map(WantedDevice::name).collect(Collectors.toSet());
        left.keySet().retainAll(names);
        calls.retain(names);
        // first, for one of them may hold a port that is wanted
        boolean ready = rest(devices, interfaces.keySet(), names, changes, findings);
        for (WantedDevice device : devices) {
            try {
                Optional<PublicKey> key = apply(device, interfaces, keys, presharedKeys, had, changes, findings);
                key.ifPresent(k -> has.put(device.name(), k));
                ready &= key.isPresent();
            } catch (CommandFailedException | IOException e) {
                ready = false;
                findings.add(failure(device.name(), device.listenPort(), e));
            }
        }
        return new Outcome(
                ready,
                List.copyOf(had),
                Map.copyOf(has),
                calls.areAwaited(),
                List.copyOf(changes),
                List.copyOf(findings));
    }

    /** @return whether every lane that is not wanted is at rest */
    private boolean rest(
            List<WantedDevice> devices,
            Set<String> interfaces,
            Set<String> wanted,
            List<String> changes,
            List<Finding> findings) {
        boolean done = true;
        if (devices.isEmpty()) {
            return done; // where not even the door is wanted, nothing is known, and what is there stays
        }
        int port = devices.getFirst().listenPort();
        for (String name : interfaces) {
            Optional<Integer> lane = Wire.lane(name);
            if (lane.isPresent() && !wanted.contains(name)) {
                try {
                    rest(name, Wire.lanePort(port, lane.get()), changes);
                } catch (CommandFailedException e) {
                    done = false;
                    findings.add(failure(name, Wire.lanePort(port, lane.get()), e));
                }
            }
        }
        return done;
    }

    /**
     * A lane that nobody is on, yet or any more: it stays, for deleting it would end the process that holds it, but whoever
     * was its peer has no session left. And it is told its port: until then wireguard-go has one by chance, from a second
     * after its start on, which may be another device's of ours.
     */
    private void rest(String device, int port, List<String> changes) throws CommandFailedException {
        ObservedDevice observed = reader.read(device);
        List<PublicKey> peers =
                observed.peers().stream().map(ObservedPeer::publicKey).toList();
        if (!peers.isEmpty()) {
            remove(device, peers);
            changes.add(device + ": " + peers.size() + " peers are gone");
        }
        if (observed.listenPort() != port) {
            runner.run("wg", "set", device, "listen-port", Integer.toString(port));
            changes.add(device + ": port " + observed.listenPort() + " -> " + port);
        }
    }

    private void remove(String device, Collection<PublicKey> peers) throws CommandFailedException {
        if (!peers.isEmpty()) {
            List<String> argv = new ArrayList<>(List.of("wg", "set", device));
            peers.forEach(peer -> argv.addAll(List.of("peer", peer.toString(), "remove")));
            runner.run(argv.toArray(String[]::new));
        }
    }

    /** Of all that a peer has this alone is told: its sessions go on, and its allowed IPs are its own all the time. */
    private void rekey(String device, PublicKey peer, Optional<PresharedKey> key) throws CommandFailedException {
        runner.run(
                List.of("wg", "set", device, "peer", peer.toString(), "preshared-key", "/dev/stdin"),
                key.map(PresharedKey::encoded).orElse(WireGuardConfig.NONE));
    }

    private static Finding failure(String device, int port, Exception e) {
        // EADDRINUSE, in the words of wg and of ip
        return e instanceof CommandFailedException failed && failed.stderr().contains("Address already in use")
                ? Finding.of(
                        Problem.PORT_IN_USE,
                        "LocalCluster spec.gateways.port",
                        "UDP port " + port + " of " + device + " is taken on this node")
                : Finding.of(Problem.HOST_CONFIG, device + ": " + e.getMessage());
    }

    /** @return the key it has now; empty where it is not as it should be */
    private Optional<PublicKey> apply(
            WantedDevice device,
            SortedMap<String, Interface> interfaces,
            Map<PublicKey, PrivateKey> keys,
            Map<PublicKey, PresharedKey> presharedKeys,
            List<ObservedDevice> had,
            List<String> changes,
            List<Finding> findings)
            throws CommandFailedException, IOException {
        Interface link = interfaces.get(device.name());
        count(device, link);
        if (link == null) {
            if (!create(device.name())) {
                findings.add(Finding.of(
                        Problem.TOOL_MISSING,
                        "this kernel has no WireGuard, and wireguard-go has not made " + device.name() + " yet"));
                return Optional.empty();
            }
            changes.add(device.name() + ": made");
            link = interfaces().get(device.name());
            if (link == null) {
                return Optional.empty();
            }
        }
        ObservedDevice observed;
        try {
            observed = reader.read(device.name());
            had.add(observed);
        } catch (CommandFailedException e) {
            findings.add(Finding.of(
                    Problem.INTERFACE_CONFLICT, device.name() + " is no WireGuard device, or its process is gone"));
            return Optional.empty();
        }
        WantedDevice settled = Succession.settle(device, observed);
        PrivateKey key = keys.get(settled.publicKey());
        if (key == null) {
            findings.add(Finding.of(
                    Problem.SECRET_MALFORMED,
                    "no private key for " + device.name() + " (" + settled.publicKey() + ")"));
            return Optional.empty();
        }
        Set<PublicKey> again = calls.due(observed, settled, System.nanoTime());
        if (!again.isEmpty()) {
            // whoever has answered since we looked has a session to lose
            again.removeAll(reader.read(device.name()).latestHandshakes().keySet());
            remove(device.name(), again);
        }
        DeviceDiff diff = DeviceDiff.between(observed, settled, presharedKeys, again, Instant.now(clock));
        if (!diff.isEmpty()) {
            runner.run(
                    List.of("wg", "addconf", device.name(), "/dev/stdin"),
                    WireGuardConfig.text(settled, key, presharedKeys, diff));
            remove(device.name(), diff.gone());
            changes.add(device.name() + ": " + String.join(", ", diff.reasons()));
        }
        for (PublicKey peer : diff.rekeyed()) {
            rekey(device.name(), peer, Optional.ofNullable(presharedKeys.get(peer)));
        }
        String batch = LinkBatch.of(device, link);
        if (!batch.isEmpty()) {
            runner.run(List.of("ip", "-batch", "-"), batch);
            changes.add(device.name() + ": " + batch.strip().replace("\n", "; "));
        }
        loose.set(device.name());
        left.put(device.name(), new Left(device, link.index()));
        return Optional.of(settled.publicKey());
    }

    /**
     * Counts a device that is wanted and is not the one that we left, whatever is wanted of it now, or is wanted as we left it
     * and is not so: once, though it may be waited for.
     */
    private void count(WantedDevice device, @Nullable Interface now) {
        Left before = left.get(device.name());
        if (before == null) {
            return;
        }
        if (now == null
                || now.index() != before.index()
                || before.device().equals(device) && !LinkBatch.of(device, now).isEmpty()) {
            left.remove(device.name());
            drift.found(Drift.Kind.INTERFACE, List.of(device.name()));
        }
    }

    private boolean create(String device) throws CommandFailedException {
        try {
            runner.run("ip", "link", "add", device, "type", "wireguard");
            return true;
        } catch (CommandFailedException e) {
            if (e.stderr().contains("Unknown device type") || e.stderr().contains("not supported")) {
                return false; // EOPNOTSUPP of RTM_NEWLINK: the kernel has no such kind
            }
            throw e;
        }
    }
}
