package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 *
 * <p>Where there are several gateways, routes lead to a nexthop object per slot: all that a silent one carried moves by
 * replacing that. Where there is one there is nothing to move.
 */
public final class NodeRoutes {
    private NodeRoutes() {}

    /**
     * The whole desired state; order says nothing.
     *
     * @param seen by slot, by which a gateway is chosen where there are several
     */
    public static List<KernelObject> plan(NodeView view, Map<Integer, PathState> seen) {
        List<NodeView.Gateway> gateways = view.order();
        boolean several = gateways.size() > 1;
        List<KernelObject> objects = new ArrayList<>(nexthops(view, seen));
        for (Cidr remote : view.remote()) {
            boolean ipv6 = !remote.isIpv4();
            Optional<Cidr> to = Optional.of(remote);
            Optional<NodeView.Gateway> serving = serving(gateways, remote, seen);
            boolean hosted = serving.filter(view::hosts).isPresent();
            Rule.Lookup lookup = new Rule.Lookup(hosted ? RouteNumbers.LANE_TABLE : RouteNumbers.NODE_TABLE);
            if (serving.isPresent() && !hosted) {
                Route.Target way =
                        several ? new Route.ViaNexthop(nexthop(serving.get(), ipv6)) : through(serving.get());
                objects.add(new Route(RouteNumbers.NODE_TABLE, remote, way, 0));
            }
            objects.add(Route.fence(RouteNumbers.NODE_TABLE, remote));
            for (Cidr source : view.sources()) {
                if (source.isIpv4() == remote.isIpv4()) {
                    objects.add(
                            new Rule(RouteNumbers.NODE_RULE, ipv6, Optional.empty(), Optional.of(source), to, lookup));
                }
            }
            objects.add(new Rule(
                    RouteNumbers.NODE_RULE, ipv6, Optional.of(RouteNumbers.OWN_PACKETS), Optional.empty(), to, lookup));
            objects.add(new Rule(
                    RouteNumbers.FENCE_RULE, ipv6, Optional.empty(), Optional.empty(), to, new Rule.Unreachable()));
        }
        return List.copyOf(objects);
    }

    /** The nexthops of {@link #plan} alone: by replacing them everything leaves a silent gateway at once. */
    public static List<Nexthop> nexthops(NodeView view, Map<Integer, PathState> seen) {
        List<NodeView.Gateway> order = view.order();
        List<NodeView.Gateway> others =
                order.stream().filter(g -> !view.hosts(g)).toList();
        if (order.size() < 2) {
            return List.of();
        }
        List<Integer> slots = others.stream().map(NodeView.Gateway::slot).toList();
        List<Nexthop> nexthops = new ArrayList<>();
        for (NodeView.Gateway gateway : others) {
            int stead = SlotChoice.stead(gateway.slot(), slots, seen);
            for (boolean ipv6 : new boolean[] {false, true}) {
                if (view.remote().stream().anyMatch(remote -> remote.isIpv4() != ipv6)) {
                    others.stream()
                            .filter(g -> g.slot() == stead)
                            .forEach(g -> nexthops.add(new Nexthop(nexthop(gateway, ipv6), ipv6, through(g))));
                }
            }
        }
        return nexthops;
    }

    private static Optional<NodeView.Gateway> serving(
            List<NodeView.Gateway> order, Cidr remote, Map<Integer, PathState> seen) {
        if (order.isEmpty()) {
            return Optional.empty();
        }
        int slot =
                SlotChoice.of(remote, order.stream().map(NodeView.Gateway::slot).toList(), seen);
        return order.stream().filter(g -> g.slot() == slot).findFirst();
    }

    private static int nexthop(NodeView.Gateway gateway, boolean ipv6) {
        return (ipv6 ? RouteNumbers.NODE_NEXTHOP6_BASE : RouteNumbers.NODE_NEXTHOP_BASE) + gateway.slot();
    }

    private static Route.ViaVxlan through(NodeView.Gateway gateway) {
        return new Route.ViaVxlan(gateway.address(), RouteNumbers.VXLAN_DEVICE);
    }

    /** Whether an object in the kernel that carries our protocol number is the node agent's. */
    public static boolean owns(KernelObject object) {
        return switch (object) {
            case Route route -> route.table() == RouteNumbers.NODE_TABLE;
            case Rule rule -> rule.priority() == RouteNumbers.NODE_RULE || rule.priority() == RouteNumbers.FENCE_RULE;
            case Nexthop nexthop -> nexthop.id() < RouteNumbers.NEXTHOP_BASE;
        };
    }
}
