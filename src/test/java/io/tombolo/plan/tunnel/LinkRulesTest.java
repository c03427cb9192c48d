package io.tombolo.plan.tunnel;

import static io.tombolo.plan.tunnel.Views.announcement;
import static io.tombolo.plan.tunnel.Views.announcing;
import static io.tombolo.plan.tunnel.Views.cidrs;
import static io.tombolo.plan.tunnel.Views.endpoint;
import static io.tombolo.plan.tunnel.Views.identity;
import static io.tombolo.plan.tunnel.Views.key;
import static io.tombolo.plan.tunnel.Views.link;
import static io.tombolo.plan.tunnel.Views.slot;
import static io.tombolo.plan.tunnel.Views.west;
import static io.tombolo.plan.tunnel.Views.withDoor;
import static io.tombolo.plan.tunnel.Views.withEndpoint;
import static io.tombolo.plan.tunnel.Views.withIdentities;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.Announcement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkRulesTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final ClusterId NORTH = new ClusterId("north");

    @Test
    void refusesALinkToItself() {
        Topology topology = TopologyPlanner.plan(west(), List.of(announcing(link("west", 1), "10.52.0.0/16")));
        assertFinding(
                topology,
                new ClusterId("west"),
                Problem.SELF_LINK,
                "metadata.name",
                "west is the cluster ID of this very cluster");
        assertTrue(topology.peers().isEmpty());
    }

    @Test
    void refusesWeakKeys() {
        PublicKey zero = PublicKey.of(new byte[32]);
        Topology topology = TopologyPlanner.plan(
                west(), List.of(withDoor(link("east", 1), zero, Optional.empty()), link("north", 2)));
        assertFinding(
                topology,
                EAST,
                Problem.KEY_WEAK,
                "spec.gateways[slot=0].publicKey",
                zero + " is all zero or a point of small order");
        assertEquals(List.of(NORTH), List.copyOf(topology.peers().keySet()));
    }

    @Test
    void refusesAWeakIdentity() {
        IdentityKey zero = IdentityKey.of(new byte[32]);
        Topology topology = TopologyPlanner.plan(west(), List.of(withIdentities(link("east", 1), zero)));
        assertFinding(topology, EAST, Problem.KEY_WEAK, "spec.identities[0]", zero + " is a point of small order");
        assertTrue(topology.peers().isEmpty());
    }

    @Test
    void refusesOurOwnKeysWithoutRepeatingThem() {
        for (PublicKey own : List.of(key(Views.WEST), key(Views.WEST + 1))) {
            Topology topology = TopologyPlanner.plan(west(), List.of(withDoor(link("east", 1), own, Optional.empty())));
            Finding finding = findings(topology, EAST).getFirst();
            assertEquals(Problem.KEY_IS_LOCAL, finding.problem());
            assertFalse(finding.message().contains(own.toString()));
            assertTrue(topology.peers().isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"door", "lane"})
    void refusesThePrivateHalfOfAKeyOfOursWithoutRepeatingIt(String which) {
        PrivateKey ours = PrivateKey.generate();
        boolean door = which.equals("door");
        LocalView base = west();
        LocalView west = new LocalView(
                base.clusterId(),
                base.identity(),
                base.port(),
                List.of(new LocalView.Gateway(
                        0, door ? ours.publicKey() : key(100), door ? key(101) : ours.publicKey(), 1, List.of())),
                base.nodes(),
                base.podCidrs(),
                base.serviceCidrs(),
                base.protectedAddresses(),
                base.protectedCidrs());
        PublicKey pasted = PublicKey.parse(ours.encoded());
        Topology topology = TopologyPlanner.plan(west, List.of(withDoor(link("east", 1), pasted, Optional.empty())));
        assertFinding(
                topology,
                EAST,
                Problem.KEY_IS_LOCAL,
                "spec.gateways[slot=0].publicKey",
                "this is the PRIVATE half of this cluster's " + which
                        + " key of its gateway 0: take it out of the link and replace that key");
    }

    @Test
    void refusesOurOwnIdentity() {
        Topology topology =
                TopologyPlanner.plan(west(), List.of(withIdentities(link("east", 1), identity(Views.WEST))));
        assertFinding(
                topology,
                EAST,
                Problem.KEY_IS_LOCAL,
                "spec.identities[0]",
                "this is the identity of this very cluster");
    }

    @Test
    void theYoungerOfTwoLinksWithOneDoorKeyIsRefused() {
        LinkView younger = withDoor(link("east", 2), key(1), Optional.empty());
        Topology topology = TopologyPlanner.plan(west(), List.of(younger, link("north", 1)));
        assertFinding(
                topology,
                EAST,
                Problem.KEY_DUPLICATE,
                "spec.gateways[slot=0].publicKey",
                key(1) + " is also the key of link north, gateway 0");
        assertEquals(List.of(NORTH), List.copyOf(topology.peers().keySet()));
    }

    @Test
    void theYoungerOfTwoLinksWithOneIdentityIsRefused() {
        Topology topology = TopologyPlanner.plan(
                west(), List.of(withIdentities(link("east", 2), identity(7), identity(1)), link("north", 1)));
        assertEquals(Problem.KEY_DUPLICATE, findings(topology, EAST).getFirst().problem());
        assertEquals("spec.identities[1]", findings(topology, EAST).getFirst().field());
        assertEquals(List.of(NORTH), List.copyOf(topology.peers().keySet()));
    }

    @Test
    void aBrokenElderLinkDoesNotHoldKeysAgainstASoundOne() {
        LinkView broken = withIdentities(withDoor(link("north", 1), key(2), Optional.empty()), identity(Views.WEST));
        Topology topology = TopologyPlanner.plan(west(), List.of(broken, link("east", 2)));
        assertEquals(List.of(), findings(topology, EAST));
        assertEquals(List.of(EAST), List.copyOf(topology.peers().keySet()));
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:51820, ENDPOINT_FORBIDDEN",
        "0.0.0.0:51820, ENDPOINT_FORBIDDEN",
        "224.0.0.1:51820, ENDPOINT_FORBIDDEN",
        "255.255.255.255:51820, ENDPOINT_FORBIDDEN",
        "169.254.169.254:51820, ENDPOINT_FORBIDDEN",
        "[::1]:51820, ENDPOINT_FORBIDDEN",
        "[::]:51820, ENDPOINT_FORBIDDEN",
        "[fe80::1]:51820, ENDPOINT_FORBIDDEN",
        "[ff02::1]:51820, ENDPOINT_FORBIDDEN",
        "198.51.100.1:65527, ENDPOINT_FORBIDDEN",
        "192.168.1.12:51820, ENDPOINT_CONFLICT",
        "192.168.1.5:6443, ENDPOINT_CONFLICT",
        "203.0.113.1:51820, ENDPOINT_CONFLICT",
        "10.42.3.4:51820, ENDPOINT_CONFLICT",
        "10.96.0.1:443, ENDPOINT_CONFLICT",
    })
    void refusesEndpointsThatCannotBeAPeers(String endpoint, Problem problem) {
        Topology topology =
                TopologyPlanner.plan(west(), List.of(withEndpoint(link("east", 1), endpoint), link("north", 2)));
        Finding finding = findings(topology, EAST).getFirst();
        assertEquals(problem, finding.problem());
        assertTrue(finding.field().startsWith("spec.gateways[slot=0].endpoint"), finding.field());
        assertTrue(finding.message().contains(endpoint), finding.message());
        assertEquals(List.of(NORTH), List.copyOf(topology.peers().keySet()));
    }

    @Test
    void acceptsAPeerBehindTheSamePublicAddressOnAnotherPort() {
        Topology topology = TopologyPlanner.plan(west(), List.of(withEndpoint(link("east", 1), "203.0.113.1:51840")));
        assertEquals(List.of(), findings(topology, EAST));
    }

    @Test
    void theYoungerOfTwoLinksWithOneEndpointIsRefused() {
        Topology topology = TopologyPlanner.plan(
                west(), List.of(link("north", 1), withEndpoint(link("east", 2), "198.51.100.1:51820")));
        assertFinding(
                topology,
                EAST,
                Problem.ENDPOINT_CONFLICT,
                "spec.gateways[slot=0].endpoint",
                "198.51.100.1:51820 is also that of link north, gateway 0");
    }

    @Test
    void refusesAnEndpointInsideWhatAnotherLinkReaches() {
        LinkView north = announcing(link("north", 1), "10.77.0.0/16");
        LinkView east = withEndpoint(link("east", 2), "10.77.0.9:51820");
        Topology topology = TopologyPlanner.plan(west(), List.of(north, east));
        assertFinding(
                topology,
                EAST,
                Problem.ENDPOINT_CONFLICT,
                "spec.gateways[slot=0].endpoint.address",
                "10.77.0.9:51820 lies in 10.77.0.0/16 of link north");
        assertEquals(cidrs("10.77.0.0/16"), peer(topology, NORTH).prefixes());
    }

    @Test
    void refusesAPinAroundThePeersOwnEndpoint() {
        Topology topology = TopologyPlanner.plan(west(), List.of(link("east", 1, "198.51.100.0/24")));
        assertFinding(
                topology,
                EAST,
                Problem.ENDPOINT_IN_TUNNEL,
                "spec.prefixes",
                "198.51.100.0/24 holds the peer's own gateway 198.51.100.1:51820");
    }

    @Test
    void aConnectedLinkGoesOnWithoutAnEndpointThatWentWrong() {
        LinkView connected = announcing(withEndpoint(link("east", 1), "127.0.0.1:51820"), "10.52.0.0/16");
        Topology topology = TopologyPlanner.plan(west(), List.of(connected));
        assertEquals(
                Problem.ENDPOINT_FORBIDDEN, findings(topology, EAST).getFirst().problem());
        assertEquals(Optional.empty(), peer(topology, EAST).doors().getFirst().endpoint());
        assertEquals(Optional.empty(), peer(topology, EAST).lanes().getFirst().endpoint());
        assertEquals(cidrs("10.52.0.0/16"), peer(topology, EAST).prefixes());
    }

    @Test
    void makesNoLaneWithoutThePresharedKeyThatIsAskedFor() {
        LinkView east = announcing(link("east", 1), "10.52.0.0/16");
        LinkView lacking = new LinkView(
                east.name(),
                east.created(),
                east.uid(),
                east.identities(),
                east.gateways(),
                east.pin(),
                east.access(),
                true,
                east.announced());
        Topology topology =
                TopologyPlanner.plan(west(), List.of(lacking, announcing(link("north", 2), "10.53.0.0/16")));
        assertEquals(List.of(), peer(topology, EAST).lanes());
        assertEquals(1, peer(topology, EAST).doors().size(), "the door has no pre-shared key: announcements pass");
        List<WantedDevice> lanes =
                DevicePlan.of(topology, 0, "n11", 1420).orElseThrow().lanes();
        assertEquals(
                List.of(NORTH),
                lanes.stream()
                        .flatMap(l -> l.peers().stream())
                        .map(WantedPeer::clusterId)
                        .toList());
    }

    @Test
    void tellsWhereNeitherSideCanBeDialled() {
        LinkView silent = withDoor(link("east", 1), key(1), Optional.empty());
        Topology topology = TopologyPlanner.plan(west(List.of(), "192.168.1.11"), List.of(silent));
        assertEquals(Problem.NO_ENDPOINT, findings(topology, EAST).getFirst().problem());
        assertEquals(List.of(), findings(TopologyPlanner.plan(west(), List.of(silent)), EAST));
    }

    @Test
    void dialsAnAnnouncedEndpointOnlyForASlotThatNoPinKnows() {
        LinkView link = withDoor(link("east", 1), key(1), Optional.empty());
        Topology topology = TopologyPlanner.plan(
                west(),
                List.of(link.withAnnounced(announcement(
                        "east",
                        List.of(slot(0, 51, "192.168.1.12:51820"), slot(1, 52, "198.51.100.9:51830")),
                        "10.52.0.0/16"))));
        assertEquals(List.of(), findings(topology, EAST));
        assertEquals(
                List.of(
                        new Peer.Lane(0, key(51), 1, Optional.empty()),
                        new Peer.Lane(1, key(52), 1, Optional.of(endpoint("198.51.100.9:51830")))),
                peer(topology, EAST).lanes());
    }

    @Test
    void aNextLaneKeyThatIsSomebodyElsesIsLeftOutAndTheLaneStays() {
        Announcement.Slot greedy = new Announcement.Slot(0, key(51), 1, Optional.of(key(51 + 1)), List.of());
        LinkView east = link("east", 1).withAnnounced(announcement("east", List.of(greedy), "10.52.0.0/16"));
        Topology topology = TopologyPlanner.plan(west(), List.of(announcing(link("north", 2), "10.53.0.0/16"), east));
        assertEquals(
                List.of(new Peer.Lane(0, key(51), 1, Optional.of(endpoint("198.51.100.1:51820")))),
                peer(topology, EAST).lanes());
        assertEquals(
                "announcement.slots[slot=0].nextKey",
                findings(topology, EAST).getFirst().field());
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
