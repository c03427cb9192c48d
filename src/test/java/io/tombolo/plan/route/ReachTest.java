package io.tombolo.plan.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.problem.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a gateway says that it does not reach. */
final class ReachTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final List<Cidr> PODS_OF_N2 = List.of(Cidr.parse("10.42.1.0/24"));
    private static final PathState HEARD = new PathState.Up(SlotReport.of(1, true, List.of(), List.of()));
    private static final PathState SILENT = new PathState.Down(Problem.UNREACHABLE);
    private static final PathState NEVER_HEARD = new PathState.Down(Problem.NEVER_CONNECTED);
    private static final PathState UNKNOWN = new PathState.Unknown();

    private static IdentityKey identity(int number) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) number);
        return IdentityKey.of(bytes);
    }

    private static Topology topology() {
        LocalView local = new LocalView(
                new ClusterId("west"),
                identity(1),
                51820,
                List.of(),
                List.of(
                        new LocalView.Node("n1", Addresses.parse("192.0.2.1"), List.of(Cidr.parse("10.42.0.0/24"))),
                        new LocalView.Node("n2", Addresses.parse("192.0.2.2"), PODS_OF_N2)),
                List.of(Cidr.parse("10.42.0.0/16")),
                List.of(),
                List.of(),
                List.of());
        Peer east = new Peer(
                EAST,
                TunnelAddress.of(identity(2)),
                LinkView.Access.ALL_PODS,
                List.of(),
                List.of(),
                List.of(Cidr.parse("10.52.0.0/16")));
        return new Topology(local, new TreeMap<>(Map.of(EAST, east)), Map.of());
    }

    @Test
    void aNodeThatFellSilentIsNotReached() {
        assertEquals(PODS_OF_N2, Reach.unreachedPods(topology(), Map.of("n1", HEARD, "n2", SILENT)));
        assertEquals(PODS_OF_N2, Reach.unreachedPods(topology(), Map.of("n1", HEARD, "n2", NEVER_HEARD)));
        assertEquals(PODS_OF_N2, Reach.unreachedPods(topology(), Map.of("n2", SILENT)));
        assertEquals(List.of(), Reach.unreachedPods(topology(), Map.of("n1", HEARD, "n2", UNKNOWN)));
    }

    @Test
    void nodesThatDoNotProbeYetAreNotTakenForSilent() {
        assertEquals(List.of(), Reach.unreachedPods(topology(), Map.of()));
        assertEquals(List.of(), Reach.unreachedPods(topology(), Map.of("n1", UNKNOWN, "n2", NEVER_HEARD)));
        assertEquals(List.of(), Reach.unreachedPods(topology(), Map.of("n1", NEVER_HEARD, "n2", NEVER_HEARD)));
    }

    @Test
    void aPeerIsNotReachedUntilALaneIsUp() {
        List<Cidr> remote = List.of(Cidr.parse("10.52.0.0/16"));
        assertEquals(remote, Reach.unreachedPeers(topology(), Sights.NONE));
        assertEquals(remote, Reach.unreachedPeers(topology(), sights(SILENT, UNKNOWN)));
        assertEquals(List.of(), Reach.unreachedPeers(topology(), sights(SILENT, HEARD)));
        assertEquals(
                remote, Reach.unreachedPeers(topology(), sights(SILENT, HEARD).with(Set.of(EAST))), "no routes");
    }

    private static Sights sights(PathState first, PathState second) {
        return new Sights(Map.of(EAST, Map.of(0, first, 1, second)), Set.of());
    }
}
