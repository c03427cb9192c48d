package io.tombolo.gateway;

import io.tombolo.gateway.wireguard.DeviceApplier;
import io.tombolo.gateway.wireguard.ObservedDevice;
import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.host.StateDirectory;
import io.tombolo.kernel.Drift;
import io.tombolo.kernel.DriftWatch;
import io.tombolo.kernel.Interface;
import io.tombolo.kernel.NftApplier;
import io.tombolo.kernel.Ours;
import io.tombolo.kernel.RouteApplier;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.firewall.GatewayFirewall;
import io.tombolo.plan.route.LaneRoutes;
import io.tombolo.plan.route.Route;
import io.tombolo.plan.route.RouteNumbers;
import io.tombolo.plan.route.Sights;
import io.tombolo.plan.route.StandingMtus;
import io.tombolo.plan.tunnel.Ceilings;
import io.tombolo.plan.tunnel.DevicePlan;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The kernel of this node, brought in line with a topology: {@link #apply} may be called at any time, from any state,
 * and does nothing where nothing differs. Filter first, then devices, then routes: a lane never passes a packet that the
 * filter would not have seen.
 */
public final class DataPlane {
    private static final System.Logger LOG = System.getLogger(DataPlane.class.getName());

    private static final Pattern TUNNELS = Pattern.compile("tb[0-7]|tbdoor");

    private static final Ours OURS = new Ours(
            DataPlane::isOurs,
            Set.of(RouteNumbers.LANE_TABLE, RouteNumbers.INWARD_TABLE, RouteNumbers.PROBE_TABLE, Route.MAIN),
            Set.of(
                    RouteNumbers.INWARD_RULE,
                    RouteNumbers.PROBE_RULE,
                    RouteNumbers.LANE_RULE,
                    RouteNumbers.LANE_FENCE_RULE),
            id -> id >= RouteNumbers.NEXTHOP_BASE,
            GatewayFirewall.TABLE);

    private final CommandRunner runner;
    private final Drift drift = new Drift();
    private final DeviceApplier devices;
    private final RouteApplier routes;
    private final NftApplier nft;
    private final UnderlayReader underlay;
    private final int slot;
    private final String node;
    /** As the last pass found them; empty before the first. */
    private List<ObservedDevice> had = List.of();

    /** As they were seen last; empty before the first time. */
    private SortedMap<String, Interface> interfaces = Collections.emptySortedMap();

    private Ceilings ceilings = Ceilings.UNKNOWN;

    /**
     * @param state keeps what a table of ours is recognised by
     * @param slot which gateway of the cluster this is, 0-7
     * @param node the node it runs on
     */
    public DataPlane(
            CommandRunner runner,
            DeviceApplier.LooseReversePath loose,
            StateDirectory state,
            Clock clock,
            int slot,
            String node) {
        this.runner = runner;
        this.devices = new DeviceApplier(runner, loose, clock, drift);
        this.routes = new RouteApplier(runner, LaneRoutes::owns, drift);
        this.nft = new NftApplier(runner, state, "gateway-table", drift);
        this.underlay = new UnderlayReader(runner);
        this.slot = slot;
        this.node = node;
    }

    /**
     * The private keys a gateway holds.
     *
     * @param privateKeys by their public halves: the door's, and the lane key of every generation we have
     * @param presharedKeys by the public key of the peer they are for
     */
    public record Keys(Map<PublicKey, PrivateKey> privateKeys, Map<PublicKey, PresharedKey> presharedKeys) {
        public Keys {
            privateKeys = Map.copyOf(privateKeys);
            presharedKeys = Map.copyOf(presharedKeys);
        }
    }

    /**
     * What a pass did.
     *
     * @param ready whether the kernel is now as planned
     * @param laneKeys the public key that each lane has now
     * @param handshakes by lane, the last one with each key before anything was changed
     * @param ceilings what may go into the lanes as they are now
     * @param calling whether peers have not answered yet that are to be called again soon
     * @param changes for the log
     */
    public record Outcome(
            boolean ready,
            SortedMap<Integer, PublicKey> laneKeys,
            Map<Integer, Map<PublicKey, Instant>> handshakes,
            Ceilings ceilings,
            boolean calling,
            List<String> changes,
            List<Finding> findings) {
        public Outcome {
            laneKeys = Collections.unmodifiableSortedMap(new TreeMap<>(laneKeys));
            handshakes = Map.copyOf(handshakes);
            changes = List.copyOf(changes);
            findings = List.copyOf(findings);
        }

        Map<PublicKey, Instant> spareHandshakes() {
            return handshakes.getOrDefault(Wire.SPARE_LANE, Map.of());
        }
    }

    /** The pre-shared keys that a lane's device has now, by the peer's public key. */
    Map<PublicKey, PresharedKey> presharedKeys(int lane) {
        Map<PublicKey, PresharedKey> keys = new HashMap<>();
        devices.observe(Set.of(Wire.laneDevice(lane))).forEach(device -> device.peers()
                .forEach(peer -> peer.presharedKey().ifPresent(key -> keys.put(peer.publicKey(), key))));
        return keys;
    }

    /** The name of the node. */
    String node() {
        return node;
    }

    /**
     * @param sights asked when routes are planned: what is seen may have changed since the pass began
     * @param settled false while what is seen is less than an agent before us may have known: its routes are completed then,
     *     and none is changed
     * @param turning lanes that change to the next generation of our lane key
     */
    public Outcome apply(
            Topology topology,
            Keys keys,
            Exposure exposure,
            Supplier<Sights> sights,
            boolean settled,
            Set<Integer> turning) {
        SortedMap<Integer, PublicKey> laneKeys = new TreeMap<>();
        Map<Integer, Map<PublicKey, Instant>> handshakes = new HashMap<>();
        List<String> changes = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        boolean ready = true;
        boolean calling = false;
        try {
            interfaces = devices.interfaces();
            look(topology);
            List<WantedDevice> wanted = DevicePlan.of(topology, slot, node, ceilings.device())
                    .map(plan -> plan.turned(turning))
                    .map(DevicePlan::devices)
                    .orElse(List.of());
            if (wanted.isEmpty()) {
                ready = false;
                findings.add(Finding.of(Problem.NO_GATEWAY, "slot " + slot + " has no keys yet"));
            }
            changes.addAll(nft.apply(GatewayFirewall.plan(topology, slot, node, exposure)));
            DeviceApplier.Outcome made = devices.apply(wanted, interfaces, keys.privateKeys(), keys.presharedKeys());
            made.keys().forEach((device, key) -> Wire.lane(device).ifPresent(lane -> laneKeys.put(lane, key)));
            had = made.had();
            had.forEach(device ->
                    Wire.lane(device.name()).ifPresent(lane -> handshakes.put(lane, device.latestHandshakes())));
            calling = made.calling();
            changes.addAll(made.changes());
            findings.addAll(made.findings());
            if (!made.changes().isEmpty()) {
                interfaces = devices.interfaces();
            }
            List<String> up = interfaces.values().stream()
                    .filter(Interface::up)
                    .map(Interface::name)
                    .toList();
            RouteApplier.Outcome routed =
                    routes.apply(() -> LaneRoutes.plan(topology, node, sights.get()), up, settled);
            changes.addAll(routed.changes());
            ready &= made.ready() && routed.ready();
        } catch (CommandFailedException e) {
            ready = false;
            findings.add(Finding.of(Problem.HOST_CONFIG, String.valueOf(e.getMessage())));
        }
        if (ready) { // what keeps us from being so is told first
            drift.finding().ifPresent(findings::add);
        }
        return new Outcome(ready, laneKeys, handshakes, ceilings, calling, changes, findings);
    }

    /** Where the lanes lead now. What cannot be told leaves everything as it was. */
    private void look(Topology topology) {
        try {
            if (had.isEmpty()) {
                had = devices.observe(interfaces.keySet());
            }
            List<WantedDevice> lanes = DevicePlan.of(topology, slot, node, ceilings.device())
                    .map(DevicePlan::lanes)
                    .orElse(List.of());
            ceilings = underlay.read(lanes, had, interfaces);
        } catch (CommandFailedException e) {
            LOG.log(Level.WARNING, "the ways to the peers cannot be read: {0}", e.getMessage());
        }
    }

    /**
     * What an agent before us left as passing by each lane.
     *
     * @return bytes, by peer and slot
     */
    Map<ClusterId, Map<Integer, Integer>> standingMtus(Topology topology) throws CommandFailedException {
        return StandingMtus.of(topology, routes.observe());
    }

    /**
     * Follows what passes by the lanes, and nothing else: routes that stand are for packets of another size now.
     *
     * @return what was changed, for the log
     */
    List<String> resize(Topology topology, Supplier<Sights> sights) throws CommandFailedException {
        return routes.resize(() -> LaneRoutes.plan(topology, node, sights.get()));
    }

    /**
     * Moves what a silent slot carried, and nothing else: the nexthops that stand and should lead elsewhere.
     *
     * @return what was changed, for the log
     */
    List<String> steer(Topology topology, Supplier<Sights> sights) throws CommandFailedException {
        return routes.move(() -> LaneRoutes.nexthops(topology, sights.get()));
    }

    /**
     * Takes the ways to dead peers out, and nothing else: whoever sends to one is told so by the fences.
     *
     * @return what was changed, for the log
     */
    List<String> bury(Topology topology, Supplier<Sights> sights) throws CommandFailedException {
        return routes.drop(() -> LaneRoutes.buried(topology, sights.get()));
    }

    /** Listens to the kernel in the namespace of the thread that calls, and tells when others touch what is ours. */
    DriftWatch watch(Runnable touched) {
        return new DriftWatch(runner, OURS::concerns, touched);
    }

    /** Our routes to other nodes lead through the node agent's VXLAN device. */
    private static boolean isOurs(String device) {
        return TUNNELS.matcher(device).matches() || device.equals(RouteNumbers.VXLAN_DEVICE);
    }

    /** What is on-link at this node through interfaces that are not ours, with the interface's name; as the last pass saw it. */
    public SortedMap<Cidr, String> networks() throws CommandFailedException {
        SortedMap<Cidr, String> networks = new TreeMap<>();
        if (interfaces.isEmpty()) {
            interfaces = devices.interfaces();
        }
        interfaces.values().stream()
                .filter(i -> !isOurs(i.name()) && !i.name().equals("lo"))
                .forEach(i -> i.networks().forEach(network -> networks.put(network, i.name())));
        return networks;
    }

    /** Packets dropped since the table was made, by reason. */
    public Map<String, Long> dropped() throws CommandFailedException {
        return nft.dropped(GatewayFirewall.TABLE);
    }

    /**
     * Takes everything that is ours out of the kernel. Where {@code wireguard-go} holds a device, deleting the device ends
     * it, and its container makes one anew that does nothing, until the pod is gone.
     *
     * @return what could not be removed; the rest is gone all the same
     */
    public List<String> remove() {
        List<String> failures = new ArrayList<>();
        attempt(failures, this::removeRoutes);
        attempt(failures, () -> {
            SortedMap<String, Interface> interfaces = devices.interfaces();
            for (String name : interfaces.keySet()) {
                if (TUNNELS.matcher(name).matches()) {
                    runner.run("ip", "link", "del", name);
                }
            }
        });
        // last: until the routes are gone the fence holds
        attempt(failures, () -> nft.remove(GatewayFirewall.TABLE));
        return failures;
    }

    private void removeRoutes() throws CommandFailedException {
        try {
            routes.apply(List::of, List.of(), true);
        } catch (CommandFailedException e) {
            // the node's agent may have removed its device since we looked, and the kernel our routes by it
            LOG.log(Level.DEBUG, "looking again for routes to remove: {0}", e.getMessage());
            routes.apply(List::of, List.of(), true);
        }
    }

    private interface Step {
        void run() throws CommandFailedException;
    }

    private static void attempt(List<String> failures, Step step) {
        try {
            step.run();
        } catch (CommandFailedException e) {
            failures.add(String.valueOf(e.getMessage()));
        }
    }
}
