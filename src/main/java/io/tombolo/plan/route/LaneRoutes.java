package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All routing of one gateway: from nodes to lanes, from lanes to nodes, and the fences behind both.
 *
 * <p>Nexthop ids are {@link RouteNumbers#NEXTHOP_BASE} + 8 * index + slot, where a peer's index follows from its tunnel
 * address: a link that comes or goes does not renumber the others.
 */
public final class LaneRoutes {
    /** Indexes are 20 bits, so that ids of both families stay apart and below 2^31. */
    private static final int INDEX_BITS = 20;

    /** Unique local addresses (RFC 4193): every tunnel address is one. */
    private static final Cidr TUNNELS = Cidr.parse("fd00::/8");

    /**
     * What a door carries is small, and shall pass wherever IPv6 does between the gateways: 1280 less what WireGuard adds.
     * Bytes.
     */
    private static final int DOOR_MTU = 1200;

    private static final Set<Integer> RULES = Set.of(
            RouteNumbers.INWARD_RULE, RouteNumbers.PROBE_RULE, RouteNumbers.LANE_RULE, RouteNumbers.LANE_FENCE_RULE);

    /** So many routes there may be to peers with several gateways, of which each has an equal share. */
    private static final int PARTS = 4096;

    /** And so many to one peer. */
    private static final int PARTS_OF_A_PEER = 256;

    private final Topology topology;
    private final String node;
    private final Sights sights;
    private final List<KernelObject> objects = new ArrayList<>();

    private LaneRoutes(Topology topology, String node, Sights sights) {
        this.topology = topology;
        this.node = node;
        this.sights = sights;
    }

    /**
     * @param node the name of the node this gateway runs on
     * @param sights by which one of a peer's slots is chosen where it has several
     */
    public static List<KernelObject> plan(Topology topology, String node, Sights sights) {
        LaneRoutes routes = new LaneRoutes(topology, node, sights);
        routes.outward();
        routes.probes();
        routes.inward();
        return routes.objects.stream().distinct().toList();
    }

    /**
     * The nexthops of {@link #plan} alone. What was a silent slot's goes by another's lane as soon as they are replaced,
     * before any route is looked at.
     */
    public static List<Nexthop> nexthops(Topology topology, Sights sights) {
        return nexthops(topology, sights, peer -> !sights.dead().contains(peer.clusterId()));
    }

    /** The nexthops that a dead peer had while it lived: without them no route to it is left but its fences. */
    public static List<Nexthop> buried(Topology topology, Sights sights) {
        return nexthops(topology, sights, peer -> sights.dead().contains(peer.clusterId()));
    }

    private static List<Nexthop> nexthops(Topology topology, Sights sights, Predicate<Peer> whose) {
        LaneRoutes routes = new LaneRoutes(topology, "", sights);
        Map<Peer, Integer> indexes = routes.indexes();
        List<Nexthop> nexthops = new ArrayList<>();
        for (Peer peer : topology.peers().values().stream().filter(whose).toList()) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                if (peer.prefixes().stream().anyMatch(p -> p.isIpv4() != ipv6)) {
                    nexthops.addAll(routes.nexthops(peer, ipv6, base(ipv6, indexes.getOrDefault(peer, 0))));
                }
            }
        }
        return nexthops;
    }

    /** Whether an object in the kernel that carries our protocol number is the gateway's. */
    public static boolean owns(KernelObject object) {
        return switch (object) {
            case Route route ->
                route.table() == RouteNumbers.LANE_TABLE
                        || route.table() == RouteNumbers.INWARD_TABLE
                        || route.table() == RouteNumbers.PROBE_TABLE
                        || route.table() == Route.MAIN && TUNNELS.contains(route.destination());
            case Rule rule -> RULES.contains(rule.priority());
            case Nexthop nexthop -> nexthop.id() >= RouteNumbers.NEXTHOP_BASE;
        };
    }

    /** Remote prefixes by nexthop over the lanes, each with its fence. */
    private void outward() {
        Map<Peer, Integer> indexes = indexes();
        for (Peer peer : topology.peers().values()) {
            tunnelAddresses(peer);
            for (boolean ipv6 : new boolean[] {false, true}) {
                List<Cidr> prefixes =
                        peer.prefixes().stream().filter(p -> p.isIpv4() != ipv6).toList();
                if (!prefixes.isEmpty() && !peer.lanes().isEmpty()) {
                    prefixes(peer, prefixes, ipv6, indexes.getOrDefault(peer, 0));
                }
            }
        }
    }

    private void prefixes(Peer peer, List<Cidr> prefixes, boolean ipv6, int index) {
        // of a dead peer the fences alone are left, and say so to whoever sends
        if (!sights.dead().contains(peer.clusterId())) {
            int base = base(ipv6, index);
            objects.addAll(nexthops(peer, ipv6, base));
            List<Integer> slots = slots(peer);
            Map<Integer, PathState> seen = sights.of(peer.clusterId());
            for (Cidr part : parts(prefixes, slots, seen.values())) {
                List<Integer> order = SlotOrder.of(part, slots, slot -> isAt(part, seen.get(slot)));
                int slot = SlotChoice.of(part, order, seen);
                objects.add(new Route(
                        RouteNumbers.LANE_TABLE,
                        part,
                        new Route.ViaNexthop(base + slot),
                        0,
                        sights.mtu(peer.clusterId())));
            }
        }
        for (Cidr prefix : prefixes) {
            objects.add(Route.fence(RouteNumbers.LANE_TABLE, prefix));
            Optional<String> vxlan = Optional.of(RouteNumbers.VXLAN_DEVICE);
            objects.add(new Rule(
                    RouteNumbers.LANE_RULE,
                    ipv6,
                    vxlan,
                    Optional.empty(),
                    Optional.of(prefix),
                    new Rule.Lookup(RouteNumbers.LANE_TABLE)));
            objects.add(new Rule(
                    RouteNumbers.LANE_FENCE_RULE,
                    ipv6,
                    vxlan,
                    Optional.empty(),
                    Optional.of(prefix),
                    new Rule.Unreachable()));
        }
    }

    private List<Nexthop> nexthops(Peer peer, boolean ipv6, int base) {
        Map<Integer, PathState> seen = sights.of(peer.clusterId());
        List<Integer> slots = slots(peer);
        List<Integer> order = SlotOrder.of(peer.address().network(), slots);
        return slots.stream()
                .map(slot -> {
                    int lane = sights.onSpare().contains(peer.clusterId())
                            ? Wire.SPARE_LANE
                            : SlotChoice.stead(slot, order, seen);
                    return new Nexthop(base + slot, ipv6, new Route.ViaDevice(Wire.laneDevice(lane)));
                })
                .toList();
    }

    private static int base(boolean ipv6, int index) {
        return (ipv6 ? RouteNumbers.NEXTHOP6_BASE : RouteNumbers.NEXTHOP_BASE) + 8 * index;
    }

    private static List<Integer> slots(Peer peer) {
        return peer.lanes().stream().map(Peer.Lane::slot).toList();
    }

    /**
     * What has a route of its own: equal parts, and what a slot says of less than a part. Where there is one slot there is
     * nothing to choose, and a prefix stays whole.
     */
    private Set<Cidr> parts(List<Cidr> prefixes, List<Integer> slots, Collection<PathState> seen) {
        if (slots.size() < 2) {
            return new LinkedHashSet<>(prefixes);
        }
        long several = topology.peers().values().stream()
                .filter(peer -> peer.lanes().size() > 1)
                .count();
        Set<Cidr> parts =
                new LinkedHashSet<>(Parts.of(prefixes, (int) Math.min(PARTS_OF_A_PEER, PARTS / Math.max(1, several))));
        for (PathState state : seen) {
            if (state instanceof PathState.Up(SlotReport report)) {
                // a peer's word counts inside what was accepted of it, and nowhere else
                Stream.concat(report.own().stream(), report.unreached().stream())
                        .filter(said -> said.isCoveredBy(prefixes))
                        .sorted()
                        .forEach(parts::add);
            }
        }
        return parts;
    }

    private static boolean isAt(Cidr part, @Nullable PathState state) {
        return state instanceof PathState.Up(SlotReport report) && report.isAt(part);
    }

    /** Doors and lanes of the peer in the main table, for what this process sends; the whole /64 is fenced. */
    private void tunnelAddresses(Peer peer) {
        TunnelAddress address = peer.address();
        objects.add(Route.fence(Route.MAIN, address.network()));
        for (Peer.Door door : peer.doors()) {
            Cidr at = Cidr.host(address.door(door.slot()));
            objects.add(new Route(Route.MAIN, at, new Route.ViaDevice(Wire.DOOR_DEVICE), 0, DOOR_MTU));
        }
        for (Peer.Lane lane : peer.lanes()) {
            Cidr at = Cidr.host(address.lane(lane.slot()));
            Route.Target way = new Route.ViaDevice(Wire.laneDevice(lane.slot()));
            objects.add(new Route(Route.MAIN, at, way, 0, sights.mtu(peer.clusterId(), lane.slot())));
            objects.add(new Route(RouteNumbers.PROBE_TABLE, at, way, 0));
        }
    }

    private void probes() {
        if (topology.lanes() > 0) {
            objects.add(new Rule(
                    RouteNumbers.PROBE_RULE,
                    true,
                    Optional.of(RouteNumbers.OWN_PACKETS),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(Wire.PROBE_UDP_PORT),
                    new Rule.Lookup(RouteNumbers.PROBE_TABLE)));
        }
    }

    /**
     * What comes out of a lane: to other nodes by VXLAN, to this node's pods as the main table says. An address of the
     * pod range that no node has must not follow the default route out again, hence the fence; a flat pool, where we
     * cannot tell, has none.
     */
    private void inward() {
        LocalView local = topology.local();
        boolean everyNodeHasItsPart =
                local.nodes().stream().noneMatch(n -> n.podCidrs().isEmpty());
        Set<Cidr> routed = new HashSet<>();
        for (LocalView.Node other : local.nodes()) {
            for (Cidr cidr : local.announced(other)) {
                if (!routed.add(cidr)) {
                    continue; // two nodes claim it: the first by name has it, and the next pass sees the mended world
                }
                if (!other.name().equals(node)) {
                    Route.Target target = new Route.ViaVxlan(other.address(), RouteNumbers.VXLAN_DEVICE);
                    objects.add(new Route(RouteNumbers.INWARD_TABLE, cidr, target, 0));
                } else if (local.aliases().holds(cidr)) {
                    // what has an alias here is translated before it is routed: whatever was not leads nowhere
                    objects.add(Route.fence(RouteNumbers.INWARD_TABLE, cidr));
                } else {
                    objects.add(new Route(RouteNumbers.INWARD_TABLE, cidr, new Route.Throw(), 0));
                }
            }
        }
        if (everyNodeHasItsPart) {
            local.announced().stream().forEach(cidr -> objects.add(Route.fence(RouteNumbers.INWARD_TABLE, cidr)));
        }
        // what this gateway has to say to the sender of a packet it cannot pass on: the main table knows no alias
        local.announced().stream()
                .filter(local.aliases()::holds)
                .forEach(cidr -> objects.add(new Rule(
                        RouteNumbers.INWARD_RULE,
                        !cidr.isIpv4(),
                        Optional.of(RouteNumbers.OWN_PACKETS),
                        Optional.empty(),
                        Optional.of(cidr),
                        new Rule.Lookup(RouteNumbers.INWARD_TABLE))));
        for (int k = 0; k < topology.lanes(); k++) {
            for (boolean ipv6 : new boolean[] {false, true}) {
                if (local.podCidrs().stream().anyMatch(c -> c.isIpv4() != ipv6)) {
                    objects.add(new Rule(
                            RouteNumbers.INWARD_RULE,
                            ipv6,
                            Optional.of(Wire.laneDevice(k)),
                            Optional.empty(),
                            Optional.empty(),
                            new Rule.Lookup(RouteNumbers.INWARD_TABLE)));
                }
            }
        }
    }

    private Map<Peer, Integer> indexes() {
        Map<Peer, Integer> indexes = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        for (Peer peer : topology.peers().values()) {
            int index = ByteBuffer.wrap(peer.address().network().network().getAddress())
                            .getInt(4)
                    >>> (Integer.SIZE - INDEX_BITS);
            while (!taken.add(index)) {
                index = (index + 1) % (1 << INDEX_BITS);
            }
            indexes.put(peer, index);
        }
        return indexes;
    }
}
