package io.tombolo.plan.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** From a node to the gateway that serves it. */
final class NodeRoutesTest {
    private static final PathState SERVES = new PathState.Up(SlotReport.of(1, true, List.of(), List.of()));
    private static final PathState DRAINS = new PathState.Up(SlotReport.of(1, false, List.of(), List.of()));
    private static final PathState SILENT = new PathState.Down(Problem.UNREACHABLE);

    /** Gateway i runs on node gi, which is 192.0.2.1i. */
    private static NodeView node(String name, int gateways, String... remote) {
        return new NodeView(
                name,
                List.of(Cidr.parse("10.42.3.0/24")),
                List.of(Cidr.parse("10.42.0.0/16")),
                IntStream.range(0, gateways)
                        .mapToObj(i -> new NodeView.Gateway(i, "g" + i, Addresses.parse("192.0.2.1" + i)))
                        .toList(),
                List.of(new NodeView.Peer(
                        List.of(remote).stream().map(Cidr::parse).toList(), false)));
    }

    /** What leads to gateways, and which table is asked, without fences. */
    private static String ways(NodeView view, Map<Integer, PathState> seen) {
        StringBuilder text = new StringBuilder();
        for (KernelObject object : NodeRoutes.plan(view, seen)) {
            boolean fence = object instanceof Route route && route.target() instanceof Route.Unreachable
                    || object instanceof Rule rule && rule.action() instanceof Rule.Unreachable;
            if (!fence) {
                text.append(object.addition()).append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void oneGatewayIsReachedDirectlyWhateverIsSeen() {
        String wanted = """
                route replace 10.52.0.0/16 encap ip id 7 dst 192.0.2.10 ttl 64 dev tbvx table 7412 proto 74
                rule add priority 744 from 10.42.3.0/24 to 10.52.0.0/16 lookup 7412 protocol 74
                rule add priority 744 iif lo to 10.52.0.0/16 lookup 7412 protocol 74
                """;
        assertEquals(wanted, ways(node("worker", 1, "10.52.0.0/16"), Map.of()));
        assertEquals(wanted, ways(node("worker", 1, "10.52.0.0/16"), Map.of(0, SILENT)));
    }

    @Test
    void ofSeveralGatewaysTheFirstThatServesInTheOrderOfTheNodesOwnPrefixIsTaken() {
        NodeView worker = node("worker", 2, "10.52.0.0/16");
        String toFirst = """
                nexthop replace id 700000 encap ip id 7 dst 192.0.2.10 ttl 64 dev tbvx proto 74
                nexthop replace id 700001 encap ip id 7 dst 192.0.2.11 ttl 64 dev tbvx proto 74
                route replace 10.52.0.0/16 nhid 700000 table 7412 proto 74
                rule add priority 744 from 10.42.3.0/24 to 10.52.0.0/16 lookup 7412 protocol 74
                rule add priority 744 iif lo to 10.52.0.0/16 lookup 7412 protocol 74
                """;
        assertEquals(0, SlotOrder.of(Cidr.parse("10.42.3.0/24"), List.of(0, 1)).getFirst());
        assertEquals(toFirst, sorted(ways(worker, Map.of(0, SERVES, 1, SERVES))));
        assertEquals(toFirst, sorted(ways(worker, Map.of())));
    }

    @Test
    void everythingLeavesASilentGatewayByItsNexthopAndThenByItsRoutes() {
        NodeView worker = node("worker", 2, "10.52.0.0/16");
        assertEquals("""
                nexthop replace id 700000 encap ip id 7 dst 192.0.2.11 ttl 64 dev tbvx proto 74
                nexthop replace id 700001 encap ip id 7 dst 192.0.2.11 ttl 64 dev tbvx proto 74
                route replace 10.52.0.0/16 nhid 700001 table 7412 proto 74
                rule add priority 744 from 10.42.3.0/24 to 10.52.0.0/16 lookup 7412 protocol 74
                rule add priority 744 iif lo to 10.52.0.0/16 lookup 7412 protocol 74
                """, sorted(ways(worker, Map.of(0, SILENT, 1, SERVES))));
    }

    @Test
    void aGatewaysOwnNodeUsesItsLanesUntilTheGatewayDrainsOrIsSilent() {
        NodeView host = node("g1", 2, "10.52.0.0/16");
        String byItself = """
                nexthop replace id 700000 encap ip id 7 dst 192.0.2.10 ttl 64 dev tbvx proto 74
                rule add priority 744 from 10.42.3.0/24 to 10.52.0.0/16 lookup 7410 protocol 74
                rule add priority 744 iif lo to 10.52.0.0/16 lookup 7410 protocol 74
                """;
        String byTheOther = """
                nexthop replace id 700000 encap ip id 7 dst 192.0.2.10 ttl 64 dev tbvx proto 74
                route replace 10.52.0.0/16 nhid 700000 table 7412 proto 74
                rule add priority 744 from 10.42.3.0/24 to 10.52.0.0/16 lookup 7412 protocol 74
                rule add priority 744 iif lo to 10.52.0.0/16 lookup 7412 protocol 74
                """;
        assertEquals(byItself, ways(host, Map.of()));
        assertEquals(byItself, ways(host, Map.of(0, SERVES, 1, SERVES)));
        assertEquals(byTheOther, ways(host, Map.of(0, SERVES, 1, DRAINS)));
        assertEquals(byTheOther, ways(host, Map.of(0, SERVES, 1, SILENT)));
        assertEquals(byItself, ways(host, Map.of(0, SILENT, 1, SILENT)));
    }

    @Test
    void nodesOfAFlatPoolShareTheGatewaysByTheirNames() {
        Set<Integer> first = new TreeSet<>();
        for (String name : List.of("n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8")) {
            NodeView view = new NodeView(
                    name,
                    List.of(),
                    List.of(Cidr.parse("10.42.0.0/16")),
                    node(name, 2).gateways(),
                    List.of());
            first.add(view.order().getFirst().slot());
        }
        assertEquals(Set.of(0, 1), first);
    }

    @Test
    void aPeerThatAGatewayIsCutOffFromGoesByTheOtherAndTheRestStays() {
        PathState cutOff = new PathState.Up(SlotReport.of(1, true, List.of(), List.of(Cidr.parse("10.53.0.0/16"))));
        String ways = ways(node("worker", 2, "10.52.0.0/16", "10.53.0.0/16"), Map.of(0, cutOff, 1, SERVES));
        assertEquals(List.of("10.52.0.0/16 nhid 700000", "10.53.0.0/16 nhid 700001"), routes(ways));
    }

    private static List<String> routes(String ways) {
        return ways.lines()
                .filter(line -> line.startsWith("route"))
                .map(line -> line.replace("route replace ", "").replace(" table 7412 proto 74", ""))
                .toList();
    }

    /** Nexthops stand in the order of the node's prefix. */
    private static String sorted(String text) {
        return String.join(
                        "\n",
                        text.lines()
                                .sorted(java.util.Comparator.comparing(l -> l.startsWith("nexthop") ? l : "z"))
                                .toList())
                + "\n";
    }
}
