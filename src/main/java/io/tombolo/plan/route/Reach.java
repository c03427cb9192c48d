package io.tombolo.plan.route;

import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Map;

/** What a gateway does not reach, from what it hears: the {@code unreached} of its reports. */
public final class Reach {
    private Reach() {}

    /**
     * The pods of nodes that fell silent, for a peer's gateways. While no node was ever heard, none is probing: nodes begin
     * with the second gateway that is placed, and the first would say meanwhile that it reaches nobody.
     *
     * @param seen the nodes by name; of one that is absent nothing is known
     */
    public static List<Cidr> unreachedPods(Topology topology, Map<String, PathState> seen) {
        boolean probing = seen.values().stream().anyMatch(Reach::wasHeard);
        return topology.local().nodes().stream()
                .filter(node -> seen.get(node.name()) instanceof PathState.Down down && (probing || wasHeard(down)))
                .flatMap(node -> topology.local().announced(node).stream())
                .toList();
    }

    /**
     * The prefixes of peers whom no lane reaches, or to whom there are no routes since they were dead, for our own nodes.
     * What is not known is not reached yet: a slot just added must not be preferred before it can carry.
     */
    public static List<Cidr> unreachedPeers(Topology topology, Sights sights) {
        return topology.peers().values().stream()
                .filter(peer -> sights.dead().contains(peer.clusterId())
                        || sights.of(peer.clusterId()).values().stream().noneMatch(PathState::isUp))
                .map(Peer::prefixes)
                .flatMap(List::stream)
                .toList();
    }

    private static boolean wasHeard(PathState state) {
        return switch (state) {
            case PathState.Up _ -> true;
            case PathState.Down(Problem reason) -> reason != Problem.NEVER_CONNECTED;
            case PathState.Unknown _ -> false;
        };
    }
}
