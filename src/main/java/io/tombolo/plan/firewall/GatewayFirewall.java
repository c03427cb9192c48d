package io.tombolo.plan.firewall;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.route.RouteNumbers;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The table of a gateway. What comes from a peer is judged coarsely and without state, ahead of every DNAT (priority
 * -150): a forward hook would see NodePorts too late. What passes through is untracked, because its two directions may
 * cross different gateways; state lives on the pod's home node. What has an alias goes by it here, and nothing else: it
 * is translated on the home node, behind this table.
 */
public final class GatewayFirewall {
    public static final String TABLE = "inet tombolo_gateway";

    /** Named counters, one per reason to drop. */
    public static final List<String> COUNTERS = List.of(
            "door", "gateway_port", "foreign_source", "not_a_pod", "to_node", "not_exported", "transit", "leak");

    /** Not the first packet of a connection: anything but a bare SYN. */
    private static final String NO_BARE_SYN = "tcp flags & (syn | ack) != syn";

    private final Topology topology;
    private final int slot;
    private final List<Cidr> here;
    private final StringBuilder body = new StringBuilder();
    private final SortedMap<String, SortedSet<String>> elements = new TreeMap<>();

    private GatewayFirewall(Topology topology, int slot, List<Cidr> here) {
        this.topology = topology;
        this.slot = slot;
        this.here = here;
    }

    /** @param node the node this gateway runs on */
    public static Ruleset plan(Topology topology, int slot, String node, Exposure exposure) {
        LocalView local = topology.local();
        List<Cidr> here = local.nodes().stream()
                .filter(n -> n.name().equals(node))
                .flatMap(n -> local.announced(n).stream())
                .toList();
        // in a flat pool every pod may be on this node, so nothing can be left untracked
        GatewayFirewall firewall = new GatewayFirewall(topology, slot, here.isEmpty() ? local.announced() : here);
        return firewall.render(exposure);
    }

    private Ruleset render(Exposure exposure) {
        LocalView local = topology.local();
        Collection<Cidr> pods = Stream.concat(
                        local.announced().stream(), local.nodes().stream().flatMap(n -> local.announced(n).stream()))
                .toList();
        prefixes("local", pods);
        prefixes("here", here);
        prefixes("remote", topology.remotePrefixes());
        set("tunnels", "ipv6_addr", addresses(p -> List.of(p.address().network())));
        // as elements: a gateway more or less, of whichever peer, is then no other table
        elements("doors", addresses(GatewayFirewall::doors));
        elements("lanes", addresses(GatewayFirewall::lanes));
        COUNTERS.forEach(counter -> body.append("\tcounter ").append(counter).append(" {\n\t}\n"));
        untrack();
        topology.peers().values().forEach(peer -> peer(peer, exposure));
        access();
        forward();
        fence();
        return new Ruleset(TABLE, body.toString(), elements);
    }

    private void untrack() {
        List<String> rules = new ArrayList<>();
        for (String v : List.of("4", "6")) {
            String ip = v.equals("4") ? "ip" : "ip6";
            rules.add("%2$s saddr @remote%1$s %2$s daddr @local%1$s %2$s daddr != @here%1$s notrack".formatted(v, ip));
            rules.add("%2$s saddr @local%1$s %2$s saddr != @here%1$s %2$s daddr @remote%1$s notrack".formatted(v, ip));
        }
        chain("untrack", "type filter hook prerouting priority raw; policy accept;", rules);
    }

    private void access() {
        TunnelAddress own = TunnelAddress.of(topology.local().identity());
        String door = Addresses.text(own.door(slot));
        String lane = Addresses.text(own.lane(slot));
        String fromDoor = "ip6 saddr @doors ip6 daddr " + door + " tcp ";
        chain(
                "from_door",
                "",
                List.of(
                        fromDoor + "dport " + Wire.DOOR_TCP_PORT + " accept",
                        fromDoor + "sport " + Wire.DOOR_TCP_PORT + " " + NO_BARE_SYN + " accept",
                        "counter name door drop"));
        chain(
                "to_gateway",
                "",
                List.of(
                        "ip6 saddr @lanes udp dport { " + Wire.PROBE_UDP_PORT + ", " + Wire.RENEWAL_UDP_PORT
                                + " } accept",
                        "ip6 saddr @lanes tcp dport " + Wire.EXCHANGE_TCP_PORT + " accept",
                        "ip6 saddr @lanes tcp sport " + Wire.EXCHANGE_TCP_PORT + " " + NO_BARE_SYN + " accept",
                        "counter name gateway_port drop"));
        List<String> fromLane = new ArrayList<>();
        fromLane.add("ip6 daddr " + lane + " jump to_gateway");
        verdicts("ip", true).ifPresent(fromLane::add);
        verdicts("ip6", false).ifPresent(fromLane::add);
        fromLane.add("counter name foreign_source drop");
        chain("from_lane", "", fromLane);
        List<String> entry = new ArrayList<>();
        entry.add("iifname \"" + Wire.DOOR_DEVICE + "\" jump from_door");
        entry.add("iifname " + laneDevices(Set.of()) + " jump from_lane");
        // whoever is on a wire of this node may write any source address: only what came through a lane is a peer's
        entry.add("iifname != " + laneDevices(Set.of("lo")) + " ip6 daddr " + lane + " counter name gateway_port drop");
        chain("access", "type filter hook prerouting priority -150; policy accept;", entry);
    }

    /** The source address names the peer: prefixes of peers never overlap. */
    private Optional<String> verdicts(String ip, boolean ipv4) {
        List<String> cases = new ArrayList<>();
        for (Peer peer : topology.peers().values()) {
            peer.prefixes().stream()
                    .filter(p -> p.isIpv4() == ipv4)
                    .forEach(p -> cases.add(p + " : goto " + chainOf(peer.clusterId())));
        }
        return cases.isEmpty()
                ? Optional.empty()
                : Optional.of(ip + " saddr vmap { " + String.join(", ", cases) + " }");
    }

    private void peer(Peer peer, Exposure exposure) {
        List<String> rules = new ArrayList<>();
        rules.add("meta nfproto ipv4 ip daddr != @local4 counter name not_a_pod drop");
        rules.add("meta nfproto ipv6 ip6 daddr != @local6 counter name not_a_pod drop");
        rules.add("icmp type { destination-unreachable, time-exceeded, parameter-problem } accept");
        rules.add("icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept");
        boolean all = peer.access() == LinkView.Access.ALL_PODS;
        Set<ServiceSocket> imported = exposure.imported().getOrDefault(peer.clusterId(), Set.of());
        Set<ServiceSocket> exported = exposure.exported().getOrDefault(peer.clusterId(), Set.of());
        for (boolean ipv6 : new boolean[] {false, true}) {
            String ip = ipv6 ? "ip6" : "ip";
            String imports = sockets(peer.clusterId(), "imports", ipv6, imported);
            String from = ip + " saddr . meta l4proto . th sport @" + imports;
            rules.add(from + " " + NO_BARE_SYN + " accept");
            rules.add(from + " meta l4proto != tcp accept");
        }
        // the node's own addresses inside the pod range (its bridge) lead to NodePorts and the kubelet
        rules.add("fib daddr type local counter name to_node drop");
        if (all) {
            rules.add("accept");
        } else {
            for (boolean ipv6 : new boolean[] {false, true}) {
                String exports = sockets(peer.clusterId(), "exports", ipv6, exported);
                rules.add((ipv6 ? "ip6" : "ip") + " daddr . meta l4proto . th dport @" + exports + " accept");
            }
            rules.add("counter name not_exported drop");
        }
        chain(chainOf(peer.clusterId()), "", rules);
    }

    private void forward() {
        String all = laneDevices(Set.of(Wire.DOOR_DEVICE));
        chain(
                "forward",
                "type filter hook forward priority -10; policy accept;",
                List.of(
                        "iifname " + all + " oifname " + all + " counter name transit drop",
                        "oifname " + laneDevices(Set.of())
                                + " tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu"));
    }

    private void fence() {
        String ways = laneDevices(Set.of(RouteNumbers.VXLAN_DEVICE));
        chain(
                "fence",
                "type filter hook postrouting priority 0; policy accept;",
                List.of(
                        "ip daddr @remote4 oifname != " + ways + " counter name leak drop",
                        "ip6 daddr @remote6 oifname != " + ways + " counter name leak drop",
                        "ip6 daddr @tunnels oifname != " + laneDevices(Set.of(Wire.DOOR_DEVICE))
                                + " counter name leak drop"));
    }

    /** All lanes that can ever be, so that a lane is filtered from its first packet. */
    private static String laneDevices(Set<String> more) {
        return Stream.concat(
                        IntStream.range(0, 8).mapToObj(Wire::laneDevice),
                        more.stream().sorted())
                .map(d -> '"' + d + '"')
                .collect(Collectors.joining(", ", "{ ", " }"));
    }

    private static String chainOf(ClusterId peer) {
        return "peer_" + peer;
    }

    private String sockets(ClusterId peer, String what, boolean ipv6, Set<ServiceSocket> sockets) {
        String set = what + (ipv6 ? "6_" : "4_") + peer;
        body.append("\tset ").append(set).append(" {\n\t\ttype ").append(ipv6 ? "ipv6_addr" : "ipv4_addr");
        body.append(" . inet_proto . inet_service\n\t}\n");
        elements.put(
                set,
                sockets.stream()
                        .filter(s -> s.isIpv6() == ipv6)
                        .map(ServiceSocket::element)
                        .collect(Collectors.toCollection(TreeSet::new)));
        return set;
    }

    private List<Cidr> addresses(Function<Peer, List<Cidr>> of) {
        return topology.peers().values().stream()
                .flatMap(p -> of.apply(p).stream())
                .toList();
    }

    private static List<Cidr> doors(Peer peer) {
        return peer.doors().stream()
                .map(d -> Cidr.host(peer.address().door(d.slot())))
                .toList();
    }

    private static List<Cidr> lanes(Peer peer) {
        return peer.lanes().stream()
                .map(l -> Cidr.host(peer.address().lane(l.slot())))
                .toList();
    }

    private void elements(String set, Collection<Cidr> hosts) {
        body.append("\tset ").append(set).append(" {\n\t\ttype ipv6_addr\n\t}\n");
        elements.put(
                set,
                hosts.stream()
                        .map(host -> Addresses.text(host.network()))
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    private void prefixes(String name, Collection<Cidr> cidrs) {
        set(name + "4", "ipv4_addr", cidrs.stream().filter(Cidr::isIpv4).toList());
        set(name + "6", "ipv6_addr", cidrs.stream().filter(c -> !c.isIpv4()).toList());
    }

    private void set(String name, String type, Collection<Cidr> cidrs) {
        body.append("\tset ").append(name).append(" {\n\t\ttype ").append(type);
        body.append("\n\t\tflags interval\n\t\tauto-merge\n");
        if (!cidrs.isEmpty()) {
            body.append("\t\telements = { ")
                    .append(cidrs.stream()
                            .distinct()
                            .sorted()
                            .map(Cidr::toString)
                            .collect(Collectors.joining(", ")))
                    .append(" }\n");
        }
        body.append("\t}\n");
    }

    private void chain(String name, String hook, List<String> rules) {
        body.append("\tchain ").append(name).append(" {\n");
        if (!hook.isEmpty()) {
            body.append("\t\t").append(hook).append('\n');
        }
        rules.forEach(rule -> body.append("\t\t").append(rule).append('\n'));
        body.append("\t}\n");
    }
}
