package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A node's part of the routing: from its pods and its own processes to the gateway that serves it, and the fences behind.
 *
 * <pre>
 * pod here → remote      rule `from here to remote`, then by VXLAN to the gateway; on the gateway's own node by its lanes
 * process here → remote  rule `iif lo to remote`, the same way
 * remote → pod here      comes out of the VXLAN device (or a lane) and follows the main table
 * anything else → remote rule `to remote unreachable`
 * </pre>
 *
 * What a gateway receives from other nodes matches the gateway's own rule ahead of these (`iif tbvx`).
 */
public final class NodeRoutes {
    /** The device of what the node itself sends, in a rule. */
    private static final String OWN_PACKETS = "lo";

    private NodeRoutes() {}

    /** The whole desired state; order says nothing. */
    public static List<KernelObject> plan(NodeView view) {
        Optional<NodeView.Gateway> serving = view.serving();
        boolean hosted = serving.filter(g -> g.node().equals(view.node())).isPresent();
        Rule.Lookup lookup = new Rule.Lookup(hosted ? RouteNumbers.LANE_TABLE : RouteNumbers.NODE_TABLE);
        List<KernelObject> objects = new ArrayList<>();
        for (Cidr remote : view.remote()) {
            boolean ipv6 = !remote.isIpv4();
            Optional<Cidr> to = Optional.of(remote);
            if (serving.isPresent() && !hosted) {
                Route.ViaVxlan way = new Route.ViaVxlan(serving.get().address(), RouteNumbers.VXLAN_DEVICE);
                objects.add(new Route(RouteNumbers.NODE_TABLE, remote, way, 0));
            }
            objects.add(Route.fence(RouteNumbers.NODE_TABLE, remote));
            for (Cidr source : view.sources()) {
                if (source.isIpv4() == remote.isIpv4()) {
                    objects.add(
                            new Rule(RouteNumbers.NODE_RULE, ipv6, Optional.empty(), Optional.of(source), to, lookup));
                }
            }
            objects.add(new Rule(RouteNumbers.NODE_RULE, ipv6, Optional.of(OWN_PACKETS), Optional.empty(), to, lookup));
            objects.add(new Rule(
                    RouteNumbers.FENCE_RULE, ipv6, Optional.empty(), Optional.empty(), to, new Rule.Unreachable()));
        }
        return List.copyOf(objects);
    }

    /** Whether an object in the kernel that carries our protocol number is the node agent's. */
    public static boolean owns(KernelObject object) {
        return switch (object) {
            case Route route -> route.table() == RouteNumbers.NODE_TABLE;
            case Rule rule -> rule.priority() == RouteNumbers.NODE_RULE || rule.priority() == RouteNumbers.FENCE_RULE;
            case Nexthop _ -> false;
        };
    }
}
