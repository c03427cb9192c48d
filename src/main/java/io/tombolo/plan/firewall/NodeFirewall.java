package io.tombolo.plan.firewall;

import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.plan.route.NodeView;
import io.tombolo.plan.route.RouteNumbers;
import io.tombolo.plan.tunnel.Wire;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The table of a node: exact and stateful, because the home node of a pod sees both directions of its flows.
 *
 * <p>New flows from a peer reach only what this node's pods export. The pods' addresses are kept against every masquerade
 * of the CNI and of kube-proxy: an address translated to itself is settled, and later nat chains are skipped. The node's
 * own processes are seen as the network address of its pod range. In a flat pool nobody knows which pods are here: what
 * comes out of a lane then has passed the gateway's filter only, and host clients cannot cross.
 */
public final class NodeFirewall {
    public static final String TABLE = "inet tombolo_node";

    /** Named counters, one per reason to drop. */
    public static final List<String> COUNTERS = List.of("to_node", "not_exported", "leak");

    /** kube-proxy's mark for "masquerade this" (its `--iptables-masquerade-bit` 14): must not reach the outer packet. */
    private static final String WITHOUT_MASQUERADE_MARK = "0xffffbfff";

    private NodeFirewall() {}

    /** @param exported what this node's pods export */
    public static Ruleset plan(NodeView view, Collection<ServiceSocket> exported) {
        StringBuilder body = new StringBuilder();
        SortedMap<String, SortedSet<String>> elements = new TreeMap<>();
        List<Cidr> open = view.peers().stream()
                .filter(NodeView.Peer::allPods)
                .flatMap(p -> p.prefixes().stream())
                .toList();
        for (boolean ipv6 : new boolean[] {false, true}) {
            String v = ipv6 ? "6" : "4";
            prefixes(body, "local", ipv6, withAliases(view, view.local()));
            prefixes(body, "here", ipv6, withAliases(view, view.sources()));
            prefixes(body, "remote", ipv6, view.remote());
            prefixes(body, "open", ipv6, open);
            body.append("\tset exports").append(v).append(" {\n\t\ttype ipv").append(v);
            body.append("_addr . inet_proto . inet_service\n\t}\n");
            elements.put(
                    "exports" + v,
                    exported.stream()
                            .filter(s -> s.isIpv6() == ipv6)
                            .map(s -> s.under(view.aliases()))
                            .map(ServiceSocket::element)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        COUNTERS.forEach(counter -> body.append("\tcounter ").append(counter).append(" {\n\t}\n"));
        for (boolean ipv6 : new boolean[] {false, true}) {
            chain(body, "from_remote" + (ipv6 ? "6" : "4"), "", access(view, ipv6));
        }
        // ahead of every DNAT, or a NodePort would already look like a pod; behind conntrack (-200)
        chain(
                body,
                "access",
                "type filter hook prerouting priority -150; policy accept;",
                List.of("ip saddr @remote4 jump from_remote4", "ip6 saddr @remote6 jump from_remote6"));
        chain(
                body,
                "fence",
                "type filter hook postrouting priority 0; policy accept;",
                List.of(
                        "ip daddr @remote4 oifname != " + ways() + " counter name leak drop",
                        "ip6 daddr @remote6 oifname != " + ways() + " counter name leak drop"));
        chain(
                body,
                "unmark",
                "type filter hook postrouting priority srcnat - 11; policy accept;",
                List.of("oifname \"" + RouteNumbers.VXLAN_DEVICE + "\" meta mark set meta mark and "
                        + WITHOUT_MASQUERADE_MARK));
        Aliases translated = view.aliases().within(view.here());
        if (!translated.isEmpty()) {
            translate(body, translated);
        }
        chain(
                body,
                "source",
                "type nat hook postrouting priority srcnat - 10; policy accept;",
                sources(view, translated));
        return new Ruleset(TABLE, body.toString(), elements);
    }

    private static List<String> access(NodeView view, boolean ipv6) {
        String v = ipv6 ? "6" : "4";
        String ip = ipv6 ? "ip6" : "ip";
        // a gateway's transit is not ours to judge: the pod's home node does
        String transit = view.here().isEmpty()
                ? "iifname " + lanes() + " accept"
                : "%2$s daddr @local%1$s %2$s daddr != @here%1$s accept".formatted(v, ip);
        return List.of(
                transit,
                "ct state established,related accept",
                // the node's own addresses inside the pod range (its bridge) lead to NodePorts and the kubelet
                "fib daddr type local counter name to_node drop",
                "%2$s saddr @open%1$s %2$s daddr @local%1$s accept".formatted(v, ip),
                "%2$s daddr . meta l4proto . th dport @exports%1$s accept".formatted(v, ip),
                "counter name not_exported drop");
    }

    /** Ahead of the translation a pod goes by its alias, behind it by its own address: these sets are asked on both sides. */
    private static List<Cidr> withAliases(NodeView view, List<Cidr> cidrs) {
        return Stream.concat(cidrs.stream(), view.aliases().of(cidrs).stream()).toList();
    }

    /**
     * From aliases to this node's pods. {@code access} has judged by the alias, ahead of us: what it could not see is that
     * the alias of an address of the node itself leads to NodePorts and the kubelet. What conntrack does not know is not
     * translated, and must not leave under the address of a pod.
     */
    private static void translate(StringBuilder body, Aliases aliases) {
        List<String> inward = new ArrayList<>();
        List<String> untranslated = new ArrayList<>();
        for (Aliases.Alias pair : aliases.pairs()) {
            String v = pair.cidr().isIpv4() ? "4" : "6";
            String ip = pair.cidr().isIpv4() ? "ip" : "ip6";
            inward.add("%2$s saddr @remote%1$s %2$s daddr %3$s dnat %2$s prefix to %4$s"
                    .formatted(v, ip, pair.alias(), pair.cidr()));
            untranslated.add(
                    "%2$s saddr %3$s %2$s daddr @remote%1$s counter name leak drop".formatted(v, ip, pair.cidr()));
        }
        chain(body, "alias", "type nat hook prerouting priority dstnat - 10; policy accept;", inward);
        chain(
                body,
                "node",
                "type filter hook prerouting priority dstnat + 10; policy accept;",
                Stream.of("ip saddr @remote4", "ip6 saddr @remote6")
                        .map(from -> from + " ct direction original fib daddr type local counter name to_node drop")
                        .toList());
        chain(body, "untranslated", "type filter hook postrouting priority srcnat + 10; policy accept;", untranslated);
    }

    private static List<String> sources(NodeView view, Aliases translated) {
        return Stream.of(false, true)
                .flatMap(ipv6 -> {
                    String v = ipv6 ? "6" : "4";
                    String ip = ipv6 ? "ip6" : "ip";
                    Stream<String> host = view.hostSource(ipv6).stream()
                            .map(source -> "%2$s daddr @remote%1$s fib saddr type local snat %2$s to %3$s"
                                    .formatted(
                                            v, ip, Addresses.text(view.aliases().of(source))));
                    Stream<String> aliases = translated.pairs().stream()
                            .filter(pair -> pair.cidr().isIpv4() != ipv6)
                            .map(pair -> "%2$s saddr %3$s %2$s daddr @remote%1$s snat %2$s prefix to %4$s"
                                    .formatted(v, ip, pair.cidr(), pair.alias()));
                    return Stream.concat(
                            Stream.concat(host, aliases),
                            Stream.of(
                                    "%2$s saddr @local%1$s %2$s daddr @remote%1$s snat %2$s to %2$s saddr"
                                            .formatted(v, ip),
                                    "%2$s saddr @remote%1$s %2$s daddr @local%1$s snat %2$s to %2$s saddr"
                                            .formatted(v, ip)));
                })
                .toList();
    }

    private static String lanes() {
        return names(IntStream.range(0, 8).mapToObj(Wire::laneDevice));
    }

    /** Every device by which a packet for a peer may leave a node. */
    private static String ways() {
        return names(
                Stream.concat(IntStream.range(0, 8).mapToObj(Wire::laneDevice), Stream.of(RouteNumbers.VXLAN_DEVICE)));
    }

    private static String names(Stream<String> devices) {
        return devices.map(d -> '"' + d + '"').collect(Collectors.joining(", ", "{ ", " }"));
    }

    private static void prefixes(StringBuilder body, String name, boolean ipv6, Collection<Cidr> cidrs) {
        String elements = cidrs.stream()
                .filter(c -> c.isIpv4() != ipv6)
                .distinct()
                .sorted()
                .map(Cidr::toString)
                .collect(Collectors.joining(", "));
        String v = ipv6 ? "6" : "4";
        body.append("\tset ").append(name).append(v).append(" {\n\t\ttype ipv").append(v);
        body.append("_addr\n\t\tflags interval\n\t\tauto-merge\n");
        if (!elements.isEmpty()) {
            body.append("\t\telements = { ").append(elements).append(" }\n");
        }
        body.append("\t}\n");
    }

    private static void chain(StringBuilder body, String name, String hook, List<String> rules) {
        body.append("\tchain ").append(name).append(" {\n");
        if (!hook.isEmpty()) {
            body.append("\t\t").append(hook).append('\n');
        }
        rules.forEach(rule -> body.append("\t\t").append(rule).append('\n'));
        body.append("\t}\n");
    }
}
