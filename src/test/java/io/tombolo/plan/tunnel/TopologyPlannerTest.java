package io.tombolo.plan.tunnel;

import static io.tombolo.plan.tunnel.Views.announcement;
import static io.tombolo.plan.tunnel.Views.announcing;
import static io.tombolo.plan.tunnel.Views.cidrs;
import static io.tombolo.plan.tunnel.Views.endpoint;
import static io.tombolo.plan.tunnel.Views.key;
import static io.tombolo.plan.tunnel.Views.link;
import static io.tombolo.plan.tunnel.Views.slot;
import static io.tombolo.plan.tunnel.Views.west;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.ClusterId;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TopologyPlannerTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final ClusterId NORTH = new ClusterId("north");

    @Test
    void aSoundLinkHasItsDoorBeforeItAnnounced() {
        Topology topology = TopologyPlanner.plan(west(), List.of(link("east", 1)));
        assertEquals(List.of(), findings(topology, EAST));
        Peer peer = peer(topology, EAST);
        assertEquals(List.of(new Peer.Door(0, key(1), Optional.of(endpoint("198.51.100.1:51820")))), peer.doors());
        assertEquals(List.of(), peer.lanes());
        assertEquals(List.of(), peer.prefixes());
    }

    @Test
    void anAnnouncedLinkHasLanesAndPrefixes() {
        Topology topology =
                TopologyPlanner.plan(west(), List.of(announcing(link("east", 1), "10.52.0.0/16", "fd52::/48")));
        Peer peer = peer(topology, EAST);
        assertEquals(List.of(new Peer.Lane(0, key(51), 1, Optional.of(endpoint("198.51.100.1:51820")))), peer.lanes());
        assertEquals(cidrs("10.52.0.0/16", "fd52::/48"), peer.prefixes());
        assertEquals(cidrs("10.52.0.0/16", "fd52::/48"), topology.remotePrefixes());
    }

    @Test
    void refusesALaneKeyThatIsAnotherPeersOrOurs() {
        LinkView east = link("east", 1, "10.52.0.0/16");
        List<LinkView> others = List.of(announcing(link("north", 2), "10.77.0.0/16"));
        int northsLane = 52;
        int northsDoor = 2;
        int ours = Views.WEST + 1;
        assertEquals(Optional.of(Problem.KEY_DUPLICATE), lane(others, east, northsLane));
        assertEquals(Optional.of(Problem.KEY_DUPLICATE), lane(others, east, northsDoor));
        assertEquals(Optional.of(Problem.KEY_IS_LOCAL), lane(others, east, ours));
        assertEquals(Optional.of(Problem.KEY_WEAK), lane(others, east, 0));
        assertEquals(Optional.empty(), lane(others, east, 60));
    }

    private static Optional<Problem> lane(List<LinkView> others, LinkView link, int key) {
        return TopologyPlanner.acceptable(
                        west(), others, link, announcement("east", List.of(slot(0, key)), "10.52.0.0/16"))
                .map(Finding::problem);
    }

    @Test
    void refusesAnAnnouncedEndpointThatItWouldDial() {
        LinkView east = link("east", 1);
        for (String bad : List.of("127.0.0.1:51820", "192.168.1.11:51820", "10.52.3.3:51820", "198.51.100.2:51820")) {
            Optional<Finding> refusal = TopologyPlanner.acceptable(
                    west(),
                    List.of(link("north", 2)),
                    east,
                    announcement("east", List.of(slot(1, 60, bad)), "10.52.0.0/16"));
            assertEquals(
                    "announcement.slots[slot=1].endpoints",
                    prefixOf(refusal.orElseThrow().field()));
        }
    }

    private static String prefixOf(String field) {
        return field.endsWith(".address") ? field.substring(0, field.length() - ".address".length()) : field;
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
