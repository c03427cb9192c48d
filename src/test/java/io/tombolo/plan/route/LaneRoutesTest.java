package io.tombolo.plan.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.problem.Problem;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The routes of a gateway to peers of one gateway and of several. */
final class LaneRoutesTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final PathState SILENT = new PathState.Down(Problem.UNREACHABLE);

    private static byte[] bytes(int number) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    private static Topology topology(int slots, String... prefixes) {
        LocalView local = new LocalView(
                new ClusterId("west"),
                IdentityKey.of(bytes(1)),
                51820,
                List.of(),
                List.of(
                        new LocalView.Node("n1", Addresses.parse("192.0.2.1"), List.of(Cidr.parse("10.42.0.0/24"))),
                        new LocalView.Node("n2", Addresses.parse("192.0.2.2"), List.of(Cidr.parse("10.42.1.0/24")))),
                List.of(Cidr.parse("10.42.0.0/16")),
                List.of(),
                List.of(),
                List.of());
        Peer east = new Peer(
                EAST,
                TunnelAddress.of(IdentityKey.of(bytes(2))),
                LinkView.Access.ALL_PODS,
                List.of(),
                IntStream.range(0, slots)
                        .mapToObj(slot -> new Peer.Lane(slot, PublicKey.of(bytes(10 + slot)), 1, Optional.empty()))
                        .toList(),
                Stream.of(prefixes).map(Cidr::parse).toList());
        return new Topology(local, new TreeMap<>(Map.of(EAST, east)), Map.of());
    }

    private static PathState up(List<String> own, List<String> unreached) {
        return new PathState.Up(SlotReport.of(
                1,
                true,
                own.stream().map(Cidr::parse).toList(),
                unreached.stream().map(Cidr::parse).toList()));
    }

    private static Sights sights(PathState... slots) {
        Map<Integer, PathState> seen = new HashMap<>();
        IntStream.range(0, slots.length).forEach(slot -> seen.put(slot, slots[slot]));
        return new Sights(Map.of(EAST, seen), Set.of());
    }

    /** What leads to the peer, without fences and rules. */
    private static String lanes(Topology topology, Sights sights) {
        StringBuilder text = new StringBuilder();
        for (KernelObject object : LaneRoutes.plan(topology, "n1", sights)) {
            if (object instanceof Nexthop
                    || object instanceof Route route && route.target() instanceof Route.ViaNexthop) {
                text.append(object.addition()).append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void aPeerOfOneGatewayHasOneRouteForEachPrefixWhateverIsSeen() {
        String wanted = """
                nexthop replace id 7168504 dev tb0 proto 74
                route replace 10.52.0.0/16 nhid 7168504 table 7410 proto 74
                """;
        assertEquals(wanted, lanes(topology(1, "10.52.0.0/16"), Sights.NONE));
        assertEquals(wanted, lanes(topology(1, "10.52.0.0/16"), sights(SILENT)));
    }

    @Test
    void whatPassesByEveryLivingLaneToAPeerIsWhatItsPodsMaySend() {
        Sights seen = sights(up(List.of(), List.of()), up(List.of(), List.of()), SILENT)
                .with(Map.of(EAST, Map.of(0, 1440, 1, 1328, 2, 1232)));
        Topology topology = topology(3, "10.52.0.0/24", "fd52::/64");
        StringBuilder sized = new StringBuilder();
        for (KernelObject object : LaneRoutes.plan(topology, "n1", seen)) {
            if (object.addition().contains(" mtu ")) {
                sized.append(object.addition()).append('\n');
            }
        }
        assertEquals("""
                route replace fd78:8181:c426:eab9::1/128 dev tb0 table 254 proto 74 mtu lock 1440
                route replace fd78:8181:c426:eab9::2/128 dev tb1 table 254 proto 74 mtu lock 1328
                route replace fd78:8181:c426:eab9::3/128 dev tb2 table 254 proto 74 mtu lock 1232
                route replace 10.52.0.0/24 nhid 7168505 table 7410 proto 74 mtu 1328
                route replace fd52::/64 nhid 27168504 table 7410 proto 74 mtu lock 1328
                """, sized.toString());
        assertEquals(
                Map.of(EAST, Map.of(0, 1440, 1, 1328, 2, 1232)),
                StandingMtus.of(topology, LaneRoutes.plan(topology, "n1", seen)));
    }

    @Test
    void ofADeadPeerTheFencesAreLeftAndTellWhoeverSends() {
        Topology topology = topology(2, "10.52.0.0/16");
        Sights dead = sights(SILENT, SILENT).with(Set.of(EAST));
        assertEquals("", lanes(topology, dead));
        assertEquals(LaneRoutes.nexthops(topology, sights(SILENT, SILENT)), LaneRoutes.buried(topology, dead));
        assertTrue(LaneRoutes.plan(topology, "n1", dead)
                .contains(Route.fence(RouteNumbers.LANE_TABLE, Cidr.parse("10.52.0.0/16"))));
    }

    @Test
    void whatHasAnAliasComesInAndIsAnsweredByIt() {
        Topology plain = topology(1, "10.52.0.0/16");
        Aliases aliases =
                new Aliases(List.of(new Aliases.Alias(Cidr.parse("10.42.0.0/16"), Cidr.parse("100.66.0.0/16"))));
        Topology topology = new Topology(plain.local().under(aliases), plain.peers(), Map.of());
        StringBuilder inward = new StringBuilder();
        LaneRoutes.plan(topology, "n1", Sights.NONE).stream()
                .filter(o -> o instanceof Route r && r.table() == RouteNumbers.INWARD_TABLE
                        || o instanceof Rule rule && rule.priority() == RouteNumbers.INWARD_RULE)
                .forEach(o -> inward.append(o.addition()).append('\n'));
        assertEquals("""
                route replace unreachable 100.66.0.0/24 table 7411 metric 9999 proto 74
                route replace 100.66.1.0/24 encap ip id 7 dst 192.0.2.2 ttl 64 dev tbvx table 7411 proto 74
                route replace unreachable 100.66.0.0/16 table 7411 metric 9999 proto 74
                rule add priority 740 iif lo to 100.66.0.0/16 lookup 7411 protocol 74
                rule add priority 740 iif tb0 lookup 7411 protocol 74
                """, inward.toString());
    }

    @Test
    void thePartsOfAPeerOfSeveralGatewaysAreSharedAmongThem() {
        assertEquals("""
                nexthop replace id 7168504 dev tb0 proto 74
                nexthop replace id 7168505 dev tb1 proto 74
                route replace 10.52.0.0/24 nhid 7168505 table 7410 proto 74
                route replace 10.52.1.0/24 nhid 7168505 table 7410 proto 74
                route replace 10.52.2.0/24 nhid 7168504 table 7410 proto 74
                route replace 10.52.3.0/24 nhid 7168504 table 7410 proto 74
                """, lanes(topology(2, "10.52.0.0/22"), Sights.NONE));
    }

    @Test
    void everythingLeavesASilentSlotAndItsNexthopLeadsToTheOther() {
        assertEquals("""
                nexthop replace id 7168504 dev tb1 proto 74
                nexthop replace id 7168505 dev tb1 proto 74
                route replace 10.52.0.0/24 nhid 7168505 table 7410 proto 74
                route replace 10.52.1.0/24 nhid 7168505 table 7410 proto 74
                """, lanes(topology(2, "10.52.0.0/23"), sights(SILENT, up(List.of(), List.of()))));
    }

    @Test
    void aPrefixOnAGatewaysOwnNodeGoesToThatGatewayAndNeverOutsideWhatWasAccepted() {
        assertEquals(
                """
                nexthop replace id 7168504 dev tb0 proto 74
                nexthop replace id 7168505 dev tb1 proto 74
                route replace 10.52.0.0/24 nhid 7168505 table 7410 proto 74
                route replace 10.52.1.0/24 nhid 7168504 table 7410 proto 74
                route replace 10.52.1.64/26 nhid 7168505 table 7410 proto 74
                """,
                lanes(
                        topology(2, "10.52.0.0/23"),
                        sights(
                                up(List.of("10.52.1.0/24", "10.99.0.0/16"), List.of("10.52.1.64/26")),
                                up(List.of("10.52.0.0/24"), List.of("10.77.0.0/24")))));
    }

    @Test
    void theNexthopsAloneAreThoseOfThePlan() {
        for (Sights sights : List.of(
                Sights.NONE,
                sights(SILENT, up(List.of(), List.of())),
                sights(SILENT, SILENT),
                sights(SILENT, SILENT).with(Set.of(EAST)))) {
            Topology topology = topology(2, "10.52.0.0/22", "fd52::/48");
            assertEquals(
                    LaneRoutes.plan(topology, "n1", sights).stream()
                            .filter(Nexthop.class::isInstance)
                            .toList(),
                    List.copyOf(LaneRoutes.nexthops(topology, sights)));
        }
    }

    @Test
    void whateverIsSeenEachPrefixKeepsItsFencesAndNoLaneLeadsToALane() {
        List<KernelObject> plan = LaneRoutes.plan(topology(2, "10.52.0.0/16"), "n1", sights(SILENT, SILENT));
        Cidr remote = Cidr.parse("10.52.0.0/16");
        assertTrue(plan.contains(Route.fence(RouteNumbers.LANE_TABLE, remote)));
        assertTrue(plan.stream()
                .anyMatch(o -> o instanceof Rule rule
                        && rule.priority() == RouteNumbers.LANE_FENCE_RULE
                        && rule.to().equals(Optional.of(remote))));
        for (KernelObject object : plan) {
            if (object instanceof Rule rule && rule.action().equals(new Rule.Lookup(RouteNumbers.LANE_TABLE))) {
                assertEquals(Optional.of(RouteNumbers.VXLAN_DEVICE), rule.iif());
            }
            if (object instanceof Route route && route.table() == RouteNumbers.INWARD_TABLE) {
                assertTrue(!route.device().startsWith("tb") || route.device().equals(RouteNumbers.VXLAN_DEVICE));
            }
        }
    }
}
