package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.Endpoint;
import io.tombolo.net.TunnelAddress;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.AnnouncementCodec;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What a peer's prefixes and endpoints may never be, whoever the peer is: special ranges, and what is ours. */
final class LocalRules {
    /** Shortest prefix, and the most that all prefixes of one link and family may cover together. */
    private static final int SHORTEST_IPV4 = 10;

    private static final int SHORTEST_IPV6 = 32;

    /** Of no use as an endpoint either. */
    private static final CidrIndex<String> NEVER_A_HOST = new CidrIndex<>();

    /** Those, and what may be reachable but is nobody's pods. */
    private static final CidrIndex<String> RESERVED = new CidrIndex<>();

    static {
        neverAHost("0.0.0.0/8", "this network (RFC 1122)");
        neverAHost("127.0.0.0/8", "loopback");
        neverAHost("169.254.0.0/16", "link-local and cloud metadata");
        neverAHost("192.0.0.0/24", "IETF protocol assignments (RFC 6890)");
        neverAHost("224.0.0.0/4", "multicast");
        neverAHost("240.0.0.0/4", "reserved and broadcast");
        neverAHost("100.100.100.200/32", "cloud metadata");
        neverAHost("168.63.129.16/32", "cloud metadata");
        neverAHost("::/96", "unspecified, loopback and IPv4-compatible");
        neverAHost("fe80::/10", "link-local");
        neverAHost("fec0::/10", "site-local (RFC 3879)");
        neverAHost("ff00::/8", "multicast");
        neverAHost("100::/64", "discard (RFC 6666)");
        neverAHost("fd00:ec2::/32", "cloud metadata");
        neverAHost("fd20:ce::254/128", "cloud metadata");
        neverPods("::/8", "reserved (RFC 4291), with IPv4-mapped and NAT64");
        neverPods("2002::/16", "6to4");
        neverPods("2001::/32", "Teredo");
    }

    private final CidrIndex<String> pods = new CidrIndex<>();
    private final CidrIndex<String> nodes = new CidrIndex<>();
    private final CidrIndex<String> advertised = new CidrIndex<>();
    private final CidrIndex<String> tunnels = new CidrIndex<>();
    private final CidrIndex<String> guarded = new CidrIndex<>();
    private final Set<Endpoint> ownEndpoints = new HashSet<>();

    LocalRules(LocalView local) {
        local.podCidrs().forEach(cidr -> pods.add(cidr, "this cluster's pods"));
        local.serviceCidrs().forEach(cidr -> pods.add(cidr, "this cluster's services"));
        local.aliases().pairs().forEach(pair -> pods.add(pair.alias(), "this cluster's alias of " + pair.cidr()));
        for (LocalView.Node node : local.nodes()) {
            nodes.add(Cidr.host(node.address()), "node " + node.name());
            node.podCidrs().forEach(cidr -> pods.add(cidr, "the pods of node " + node.name()));
        }
        local.protectedAddresses()
                .forEach(address -> nodes.add(Cidr.host(address), "the API server or DNS of this cluster"));
        for (LocalView.Gateway gateway : local.gateways()) {
            ownEndpoints.addAll(gateway.endpoints());
            gateway.endpoints()
                    .forEach(e -> advertised.add(Cidr.host(e.address()), "this cluster's gateway " + gateway.slot()));
        }
        local.protectedCidrs().forEach(cidr -> guarded.add(cidr, "spec.network.protectedCIDRs"));
        local.interfaces().forEach((cidr, name) -> {
            // an interface may say that half the world is on-link; whoever has a route that is more exact is right
            if (cidr.length() >= shortest(cidr)
                    && cidr.length() < Cidr.host(cidr.network()).length()) {
                guarded.add(cidr, "interface " + name + " of the gateway's node");
            }
        });
        guardTunnel(local.tunnelAddress(), "this cluster's tunnel addresses");
    }

    private static void neverAHost(String cidr, String what) {
        NEVER_A_HOST.add(Cidr.parse(cidr), what);
        neverPods(cidr, what);
    }

    private static void neverPods(String cidr, String what) {
        RESERVED.add(Cidr.parse(cidr), what);
    }

    /** From now on nobody's prefix or endpoint may lie in there. */
    void guardTunnel(TunnelAddress address, String what) {
        tunnels.add(address.network(), what);
    }

    /** What is wrong with {@code prefix}, announced or pinned. */
    Optional<Finding> refusal(Cidr prefix, String field) {
        if (prefix.length() < shortest(prefix)) {
            return Optional.of(Finding.of(
                    Problem.CIDR_TOO_BROAD,
                    field,
                    prefix + " is broader than /" + shortest(prefix) + ", the broadest that is accepted"));
        }
        return overlap(RESERVED, Problem.CIDR_RESERVED, prefix, field)
                .or(() -> overlap(pods, Problem.CIDR_OVERLAP_LOCAL, prefix, field))
                .or(() -> overlap(nodes, Problem.CIDR_OVERLAP_NODE, prefix, field))
                .or(() -> overlap(advertised, Problem.CIDR_OVERLAP_NODE, prefix, field))
                .or(() -> overlap(tunnels, Problem.CIDR_OVERLAP_HOST, prefix, field))
                .or(() -> overlap(guarded, Problem.CIDR_OVERLAP_HOST, prefix, field));
    }

    private static Optional<Finding> overlap(CidrIndex<String> index, Problem problem, Cidr prefix, String field) {
        return index.overlapping(prefix)
                .map(hit ->
                        Finding.of(problem, field, prefix + " overlaps " + hit.getKey() + " (" + hit.getValue() + ")"));
    }

    /** What a peer cannot have at {@code address}, with its range: {@code 10.96.0.0/12 (this cluster's services)}. */
    Optional<String> whatLiesAt(InetAddress address) {
        Cidr host = Cidr.host(address);
        return Stream.of(RESERVED, pods, nodes, advertised, tunnels, guarded)
                .flatMap(index -> index.overlapping(host).stream())
                .findFirst()
                .map(hit -> hit.getKey() + " (" + hit.getValue() + ")");
    }

    /** Whether {@code prefixes}, all of one family, cover together more than a single prefix may. */
    static boolean coverTooMuch(List<Cidr> prefixes) {
        long parts = 0; // of 2^-22 of what is allowed, the size of one IPv4 address
        for (Cidr prefix : prefixes) {
            parts += 1L << Math.clamp(22L + shortest(prefix) - prefix.length(), 0, 40);
        }
        return parts > 1L << 22;
    }

    private static int shortest(Cidr prefix) {
        return prefix.isIpv4() ? SHORTEST_IPV4 : SHORTEST_IPV6;
    }

    /**
     * What is wrong with {@code endpoint} as a peer's gateway, as far as we alone can tell. An address that we advertise may
     * be the peer's too, behind one NAT; the port then tells them apart. The ranges the admin protects may hold gateways.
     */
    Optional<Finding> refusal(Endpoint endpoint, String field) {
        if (endpoint.port() > AnnouncementCodec.MAX_PORT) {
            return Optional.of(Finding.of(
                    Problem.ENDPOINT_FORBIDDEN,
                    field + ".port",
                    endpoint + " leaves no ports for lanes, which follow the door's: " + AnnouncementCodec.MAX_PORT
                            + " is the highest"));
        }
        if (ownEndpoints.contains(endpoint)) {
            return Optional.of(Finding.of(
                    Problem.ENDPOINT_CONFLICT, field, endpoint + " is advertised by a gateway of this cluster"));
        }
        return within(NEVER_A_HOST, Problem.ENDPOINT_FORBIDDEN, endpoint, field)
                .or(() -> within(nodes, Problem.ENDPOINT_CONFLICT, endpoint, field))
                .or(() -> within(pods, Problem.ENDPOINT_CONFLICT, endpoint, field))
                .or(() -> within(tunnels, Problem.ENDPOINT_IN_TUNNEL, endpoint, field));
    }

    private static Optional<Finding> within(CidrIndex<String> index, Problem problem, Endpoint endpoint, String field) {
        return index.overlapping(Cidr.host(endpoint.address()))
                .map(hit -> Finding.of(
                        problem,
                        field + ".address",
                        endpoint + " belongs to " + hit.getKey() + " (" + hit.getValue() + ")"));
    }
}
