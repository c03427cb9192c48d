package io.tombolo.plan.tunnel;

import static io.tombolo.plan.tunnel.Views.announcement;
import static io.tombolo.plan.tunnel.Views.announcing;
import static io.tombolo.plan.tunnel.Views.cidrs;
import static io.tombolo.plan.tunnel.Views.identity;
import static io.tombolo.plan.tunnel.Views.link;
import static io.tombolo.plan.tunnel.Views.west;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixRulesTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final ClusterId NORTH = new ClusterId("north");

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0/0, CIDR_TOO_BROAD",
        "::/0, CIDR_TOO_BROAD",
        "0.0.0.0/1, CIDR_TOO_BROAD",
        "10.0.0.0/9, CIDR_TOO_BROAD",
        "2001:db8::/31, CIDR_TOO_BROAD",
        "127.0.0.0/16, CIDR_RESERVED",
        "0.0.0.0/24, CIDR_RESERVED",
        "169.254.169.254/32, CIDR_RESERVED",
        "192.0.0.0/24, CIDR_RESERVED",
        "224.0.0.0/24, CIDR_RESERVED",
        "255.255.255.255/32, CIDR_RESERVED",
        "240.0.0.0/16, CIDR_RESERVED",
        "100.64.0.0/10, CIDR_RESERVED",
        "100.100.100.200/32, CIDR_RESERVED",
        "168.63.129.0/24, CIDR_RESERVED",
        "::/64, CIDR_RESERVED",
        "::1/128, CIDR_RESERVED",
        "64:ff9b::/96, CIDR_RESERVED",
        "2002::/32, CIDR_RESERVED",
        "2001::/48, CIDR_RESERVED",
        "fe80::/64, CIDR_RESERVED",
        "fec0::/64, CIDR_RESERVED",
        "ff02::/64, CIDR_RESERVED",
        "fd00:ec2::254/128, CIDR_RESERVED",
        "fd20:ce::/64, CIDR_RESERVED",
        "10.42.0.0/16, CIDR_OVERLAP_LOCAL",
        "10.42.7.0/24, CIDR_OVERLAP_LOCAL",
        "10.40.0.0/13, CIDR_OVERLAP_LOCAL",
        "10.100.0.0/16, CIDR_OVERLAP_LOCAL",
        "fd42::/64, CIDR_OVERLAP_LOCAL",
        "192.168.1.0/24, CIDR_OVERLAP_NODE",
        "192.168.1.5/32, CIDR_OVERLAP_NODE",
        "203.0.113.0/24, CIDR_OVERLAP_NODE",
        "172.17.3.0/24, CIDR_OVERLAP_HOST",
        "198.51.100.0/28, ENDPOINT_IN_TUNNEL",
        "198.51.100.99/32, CIDR_OVERLAP_PEER",
        "10.99.0.0/16, CIDR_OVERLAP_LOCAL",
        "10.77.1.0/24, CIDR_OVERLAP_PEER",
        "10.77.0.0/16, CIDR_OVERLAP_PEER",
        "10.76.0.0/14, CIDR_OVERLAP_PEER",
        "10.64.0.0/10, CIDR_OVERLAP_LOCAL",
    })
    void refusesAnAnnouncementWithAPrefixThatIsNotThePeersToHave(String prefix, Problem problem) {
        List<LinkView> others = List.of(announcing(link("north", 99), "10.77.0.0/16"));
        LinkView east = link("east", 1);
        Optional<Finding> refusal =
                TopologyPlanner.acceptable(west(), others, east, announcement(east, "10.52.0.0/16", prefix));
        assertEquals(Optional.of(problem), refusal.map(Finding::problem));
        assertEquals("announcement.prefixes", refusal.orElseThrow().field());
        assertTrue(
                refusal.orElseThrow().message().startsWith(prefix),
                refusal.orElseThrow().message());
    }

    @Test
    void refusesPrefixesThatOverlapTunnelAddresses() {
        LinkView east = link("east", 1);
        for (var tunnel : List.of(west().tunnelAddress(), io.tombolo.net.TunnelAddress.of(identity(1)))) {
            Optional<Finding> refusal = TopologyPlanner.acceptable(
                    west(),
                    List.of(),
                    east,
                    announcement(east, Cidr.host(tunnel.lane(0)).toString()));
            assertEquals(Optional.of(Problem.CIDR_OVERLAP_HOST), refusal.map(Finding::problem));
        }
    }

    @Test
    void refusesPrefixesThatTogetherCoverTooMuch() {
        LinkView east = link("east", 1);
        assertEquals(
                Optional.of(Problem.CIDR_TOO_BROAD),
                TopologyPlanner.acceptable(west(), List.of(), east, announcement(east, "20.0.0.0/10", "30.0.0.0/16"))
                        .map(Finding::problem));
        assertEquals(
                Optional.empty(),
                TopologyPlanner.acceptable(
                        west(), List.of(), east, announcement(east, "20.0.0.0/11", "20.64.0.0/11", "2001:db8::/32")));
    }

    @Test
    void refusesWhatThePinDoesNotHold() {
        LinkView east = link("east", 1, "10.52.0.0/16");
        assertEquals(
                Optional.of(Finding.of(
                        Problem.CIDR_NOT_APPROVED,
                        "announcement.prefixes",
                        "10.53.0.0/24 lies in none of spec.prefixes [10.52.0.0/16]")),
                TopologyPlanner.acceptable(
                        west(), List.of(), east, announcement(east, "10.52.1.0/24", "10.53.0.0/24")));
    }

    @Test
    void anElderPeerCannotTakeWhatAYoungerOneHolds() {
        LinkView east = link("east", 1);
        List<LinkView> others = List.of(announcing(link("north", 2), "10.77.0.0/16"));
        assertEquals(
                Optional.of(Finding.of(
                        Problem.CIDR_OVERLAP_PEER,
                        "announcement.prefixes",
                        "10.77.3.0/24 overlaps 10.77.0.0/16 of link north")),
                TopologyPlanner.acceptable(west(), others, east, announcement(east, "10.77.3.0/24")));
    }

    @Test
    void aPinTakesWhatAnotherHoldsWithoutOne() {
        LinkView east = link("east", 2, "10.77.0.0/16");
        LinkView north = announcing(link("north", 1), "10.77.0.0/16", "10.78.0.0/16");
        assertEquals(
                Optional.empty(),
                TopologyPlanner.acceptable(west(), List.of(north), east, announcement(east, "10.77.0.0/16")));
        Topology topology = TopologyPlanner.plan(west(), List.of(north, announcing(east, "10.77.0.0/16")));
        assertEquals(cidrs("10.77.0.0/16"), peer(topology, EAST).prefixes());
        assertEquals(cidrs("10.78.0.0/16"), peer(topology, NORTH).prefixes());
        assertFinding(
                topology,
                NORTH,
                Problem.CIDR_OVERLAP_PEER,
                "announcement.prefixes",
                "10.77.0.0/16 overlaps 10.77.0.0/16 of link east");
        assertFinding(
                topology,
                EAST,
                Problem.CIDR_CLAIMED,
                "spec.prefixes",
                "10.77.0.0/16 stays here; link north claims 10.77.0.0/16");
    }

    @Test
    void ofTwoStoredClaimsTheElderLinkKeepsItsOwn() {
        LinkView east = announcing(link("east", 2), "10.77.3.0/24");
        LinkView north = announcing(link("north", 1), "10.77.0.0/16");
        Topology topology = TopologyPlanner.plan(west(), List.of(east, north));
        assertEquals(cidrs("10.77.0.0/16"), peer(topology, NORTH).prefixes());
        assertEquals(List.of(), peer(topology, EAST).prefixes());
        assertEquals(
                Problem.CIDR_OVERLAP_PEER, findings(topology, EAST).getFirst().problem());
        assertEquals(Problem.CIDR_CLAIMED, findings(topology, NORTH).getFirst().problem());
        assertEquals(topology, TopologyPlanner.plan(west(), List.of(north, east)));
    }

    @Test
    void leavesOutAnAcceptedPrefixInsideWhichANodeAppears() {
        LinkView east = announcing(link("east", 1), "10.52.0.0/16", "10.53.0.0/16");
        Topology topology = TopologyPlanner.plan(
                west(List.of(), "192.168.1.11", "10.53.4.4"),
                List.of(east, announcing(link("north", 2), "10.54.0.0/16")));
        assertEquals(cidrs("10.52.0.0/16"), peer(topology, EAST).prefixes());
        assertFinding(
                topology,
                EAST,
                Problem.CIDR_OVERLAP_NODE,
                "announcement.prefixes",
                "10.53.0.0/16 overlaps 10.53.4.4/32 (node n4)");
        assertEquals(cidrs("10.54.0.0/16"), peer(topology, NORTH).prefixes());
    }

    private static Peer peer(Topology topology, ClusterId name) {
        return Objects.requireNonNull(topology.peers().get(name), () -> name + " is absent: " + topology.findings());
    }

    private static List<Finding> findings(Topology topology, ClusterId name) {
        return topology.findings().getOrDefault(name, List.of());
    }

    private static void assertFinding(
            Topology topology, ClusterId name, Problem problem, String field, String message) {
        assertEquals(List.of(Finding.of(problem, field, message)), findings(topology, name));
    }
}
