package io.tombolo.problem;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue. The constant's {@link #reason()} is the condition reason; nothing else in the project invents reasons.
 * An entry says what is wrong (title), what to do (remedy), and how bad it is.
 */
public enum Problem {
    // --- refused at admission: the message begins with the reason
    INVALID_NAME(
            Severity.ERROR,
            "A name is no DNS label, or a word that clusterset names reserve",
            "Use 1 to 63 of a-z, 0-9 and -, with a letter or digit at both ends."),
    KEY_MISSING(
            Severity.ERROR, "A key is empty", "Apply what `kubectl tombolo invite` printed in the peer, unchanged."),
    KEY_FORMAT(
            Severity.ERROR,
            "A key is not the canonical base64 of 32 bytes",
            "Apply what `kubectl tombolo invite` printed in the peer, unchanged."),
    ADDRESS_NOT_CANONICAL(
            Severity.ERROR,
            "An IP address is not written in its canonical form",
            "Write IPv4 as four decimal numbers without leading zeros, IPv6 as in RFC 5952, and neither mapped."),
    CIDR_INVALID(Severity.ERROR, "A prefix cannot be read", "Write it as in 10.52.0.0/16 or fd52::/48."),
    CIDR_NOT_CANONICAL(
            Severity.ERROR,
            "A prefix has host bits set or is not in canonical form",
            "Write the network address, as in 10.52.0.0/16."),
    CIDR_LIST(
            Severity.ERROR,
            "A list of prefixes is empty, too long or holds one twice",
            "Write 1 to 64 different prefixes, or leave the field out."),
    PORT_INVALID(
            Severity.ERROR,
            "A port is out of range, named wrongly or there twice",
            "Use 1 to 65535, and names of at most 15 characters of a-z, 0-9 and - with a letter."),
    PROTOCOL_UNSUPPORTED(
            Severity.ERROR, "A port's protocol is none of TCP, UDP and SCTP", "Export ports of these protocols only."),
    NAMESPACE_FORBIDDEN(
            Severity.ERROR,
            "Services of this namespace are never shared",
            "Share Services of namespaces other than kube-system and Tombolo's own."),
    WEIGHT_INVALID(
            Severity.ERROR,
            "A weight is out of range, a cluster has two, or all are 0",
            "Use 0 to 1000, once for each cluster, and one above 0."),

    // --- ClusterLink: identity and keys
    SELF_LINK(Severity.ERROR, "The link names this cluster itself", "Apply the link in the other clusters, not here."),
    KEY_WEAK(
            Severity.ERROR,
            "The key is all zero or a point of small order",
            "Run `kubectl tombolo invite` in the peer again and apply what it prints."),
    KEY_IS_LOCAL(
            Severity.ERROR,
            "One of our own keys stands where the peer's belongs",
            "Use the invitation printed by the peer, not by this cluster."),
    KEY_DUPLICATE(
            Severity.ERROR,
            "The same key stands on two links or two gateways",
            "Every gateway has its own door key; use each peer's own invitation."),
    PSK_INVALID(
            Severity.ERROR,
            "The pre-shared key is not 32 bytes of base64",
            "Make one with `wg genpsk` and store the same one on both sides."),
    SECRET_NOT_FOUND(Severity.ERROR, "The referenced Secret does not exist", "Create it in the operator's namespace."),
    SECRET_MALFORMED(Severity.ERROR, "The referenced Secret lacks its key", "Store the value under the key `psk`."),

    // --- ClusterLink: announcements
    SIGNATURE_INVALID(
            Severity.ERROR,
            "An announcement is not signed by a pinned identity",
            "If the peer was reinstalled, apply its new invitation; otherwise somebody else is speaking."),
    IDENTITY_MISMATCH(
            Severity.ERROR,
            "An announcement names another cluster than the link",
            "The name of a ClusterLink is the peer's cluster ID."),
    REPLAYED(
            Severity.WARNING,
            "An old announcement was presented again",
            "Nothing to do if it stops; otherwise somebody replays recorded traffic."),
    ANNOUNCEMENT_MALFORMED(Severity.ERROR, "An announcement cannot be read", "Upgrade the older of the two clusters."),
    VERSION_SKEW(
            Severity.ERROR, "The two clusters share no protocol version", "Upgrade the older of the two clusters."),

    // --- ClusterLink: endpoints
    ENDPOINT_FORBIDDEN(
            Severity.ERROR,
            "The endpoint's address cannot be a gateway's, or that of a peer's pod",
            "Use the gateway's public or routed address; where a peer exports it, correct the peer."),
    ENDPOINT_CONFLICT(
            Severity.ERROR,
            "The endpoint belongs to this cluster or to another link",
            "Use the endpoint the peer's invitation printed; where a peer exports it, correct the peer."),
    ENDPOINT_IN_TUNNEL(
            Severity.ERROR,
            "The endpoint lies inside the prefixes reached through it",
            "A tunnel cannot run through itself: use an address outside the peer's pod prefixes."),
    PORT_IN_USE(
            Severity.ERROR,
            "A UDP port of the gateway is taken on its node",
            "Free it, or set LocalCluster spec.gateways.port to another range."),

    // --- prefixes
    CIDR_TOO_BROAD(Severity.ERROR, "A prefix is broader than allowed", "Announce or pin narrower prefixes."),
    CIDR_RESERVED(Severity.ERROR, "A prefix holds special addresses", "Use ordinary unicast pod ranges."),
    CIDR_OVERLAP_LOCAL(
            Severity.ERROR,
            "A prefix overlaps this cluster's pods or services",
            "Give each of the two clusters an alias (LocalCluster spec.network.aliases) where their pod ranges are the same."),
    CIDR_OVERLAP_NODE(
            Severity.ERROR, "A prefix holds a node or the API server of this cluster", "Use other pod ranges."),
    CIDR_OVERLAP_PEER(
            Severity.ERROR,
            "A prefix overlaps another link's",
            "Give one of the two clusters an alias (LocalCluster spec.network.aliases), or pin the prefixes (spec.prefixes) of the"
                    + " link that should have it."),
    CIDR_CLAIMED(
            Severity.WARNING,
            "Another link claims a prefix of this one",
            "This link keeps it; correct the other, or pin the prefix (spec.prefixes) where it belongs."),
    CIDR_OVERLAP_HOST(
            Severity.ERROR,
            "A prefix overlaps the tunnel's addresses or a protected range",
            "Use other pod ranges, or change spec.network.protectedCIDRs."),
    CIDR_NOT_APPROVED(
            Severity.ERROR,
            "The peer announces a prefix outside the pin",
            "Add it to spec.prefixes if it is the peer's, or correct the peer."),

    // --- link life
    NEVER_CONNECTED(
            Severity.WARNING,
            "No gateway of the peer has answered yet",
            "Apply this cluster's invitation there, and open the UDP ports of both gateways."),
    NO_ENDPOINT(
            Severity.ERROR,
            "Neither side has an endpoint to dial",
            "Give at least one of the two clusters an address the other can reach."),
    UNREACHABLE(
            Severity.ERROR,
            "The peer answered before and does not any more",
            "Check the network between the gateways and the peer's gateway pods."),
    LANE_KEY_HELD(
            Severity.WARNING,
            "A gateway of the peer does not take our next lane key",
            "Check that its gateway pods run and see their API server; `kubectl tombolo rotate` again goes on without it."),
    PATH_NARROW(
            Severity.WARNING,
            "The path to a gateway of the peer takes too small packets for IPv6",
            "Raise the MTU between the two gateways to 1340 bytes, or 1360 where they speak IPv6. IPv4 pods are served."),
    PSK_NOT_RENEWED(
            Severity.WARNING,
            "No pre-shared key is agreed on with a gateway of the peer: who records what passes may read it with a quantum computer",
            "Upgrade Tombolo in the peer, or give both links the same pre-shared key."),
    NO_HANDSHAKE(
            Severity.ERROR, "Packets leave and none come back", "Open the UDP ports of the peer's gateways to ours."),

    // --- LocalCluster
    ALIAS_UNUSABLE(
            Severity.ERROR,
            "An alias of this cluster's pods cannot be used",
            "Choose a range for it in spec.network.aliases that nobody else has, for the whole of the pods' range."),
    POD_CIDR_UNKNOWN(
            Severity.ERROR, "This cluster's pod range cannot be detected", "Set LocalCluster spec.network.podCIDRs."),
    SERVICE_CIDR_UNKNOWN(
            Severity.WARNING,
            "This cluster's service range cannot be detected",
            "Set LocalCluster spec.network.serviceCIDRs."),
    NO_GATEWAY(
            Severity.ERROR,
            "No node runs a gateway",
            "Check the pods of StatefulSet tombolo-gateway in the operator's namespace."),
    COREDNS_NOT_WIRED(
            Severity.WARNING,
            "The cluster DNS does not forward clusterset.local",
            "Forward the zone by hand as status.dns.snippet shows, or let spec.dns.wiring be Auto."),
    FORWARD_LOOP(
            Severity.WARNING,
            "The cluster DNS would forward clusterset.local to itself",
            "Give Service tombolo-dns an address of its own: delete it, and it is made anew."),
    TIME_INVALID(
            Severity.WARNING,
            "The time at which keys are to be rotated cannot be read",
            "Write it as `date -u +%FT%TZ` prints it, or run `kubectl tombolo rotate`."),
    TOOL_MISSING(Severity.ERROR, "The host lacks a tool or kernel feature", "See the message for which."),
    CAPABILITY_MISSING(Severity.ERROR, "The agent lacks NET_ADMIN", "Do not change the agents' security context."),
    INTERFACE_CONFLICT(
            Severity.ERROR, "An interface of our name exists and is not ours", "Remove or rename that interface."),
    HOST_CONFIG(Severity.ERROR, "The host's configuration prevents forwarding", "See the message for what to set."),
    DRIFT(
            Severity.WARNING,
            "Somebody else removes or changes what we keep in the kernel of a node; it was put right",
            "Find out who: the agent's log says what and when. A daemon that clears away what it does not know must leave"
                    + " it alone, as systemd-networkd does with ManageForeignRoutes=no, ManageForeignNextHops=no and"
                    + " ManageForeignRoutingPolicyRules=no."),

    // --- services
    NO_LOCAL_SERVICE(Severity.NOTICE, "No Service of this name exists here", "Nothing, if it is only imported."),
    SERVICE_TYPE_UNSUPPORTED(
            Severity.ERROR, "A Service of type ExternalName cannot be exported", "Export the Service it points to."),
    SELECTOR_REQUIRED(
            Severity.ERROR, "The Service has no selector", "Export Services whose endpoints Kubernetes makes."),
    PORTS_INVALID(Severity.ERROR, "The Service has no ports, or more than 100", "Export a Service of 1 to 100 ports."),
    CONFLICT(
            Severity.WARNING,
            "Clusters export this Service with different shapes",
            "The oldest export wins until they agree; make port, protocol and headless the same."),
    NAMESPACE_NOT_ACCEPTED(
            Severity.NOTICE,
            "The namespace is absent here or not shared",
            "Create the namespace, or change spec.sharing, if the service is wanted."),
    UNKNOWN_CLUSTER(Severity.WARNING, "A cluster is named that no link leads to", "Apply its ClusterLink."),
    WEIGHTS_APPROXIMATED(
            Severity.WARNING,
            "The clusters' shares of a service are more than 3 points off their weights",
            "A share is so many whole endpoints: run more of them where the weight is great, or ask for a ratio that few give."),
    ENDPOINT_OUT_OF_RANGE(
            Severity.WARNING, "A peer exports an endpoint outside its prefixes", "Correct the peer's pod range."),
    ENDPOINT_INVALID(
            Severity.WARNING,
            "What stands in an endpoint's place is none",
            "Write an IP address and a port of 1-65526; where a peer exports it, correct or upgrade the peer."),
    HOSTNAME_INVALID(
            Severity.WARNING,
            "A peer exports an endpoint whose hostname is no DNS label or is taken",
            "Correct the pods' hostnames in the peer."),
    NAME_TOO_LONG(
            Severity.WARNING,
            "An endpoint's name would have more than 253 characters",
            "Use shorter names of pods, Services, namespaces or clusters; till then it is called by its address."),
    LABEL_RESERVED(
            Severity.NOTICE,
            "A peer exports labels or annotations of kubernetes.io, k8s.io or tombolo.io, which are left out",
            "Export those of other domains only."),
    SNAPSHOT_REJECTED(Severity.ERROR, "What a peer sent over the exchange was refused", "Upgrade or check the peer."),
    LIMIT_EXCEEDED(Severity.ERROR, "A peer sends more than is accepted", "Export less, or raise the limit."),
    STALE(
            Severity.WARNING,
            "The exchange with the peer is interrupted, or the peer does not see its own API server",
            "Data is kept; check the peer's gateway and API server.");

    /** Faults of our own gateway's, which no peer can answer through. */
    private static final Set<Problem> HERE =
            Set.of(NO_GATEWAY, PORT_IN_USE, TOOL_MISSING, CAPABILITY_MISSING, INTERFACE_CONFLICT, HOST_CONFIG);

    private final Severity severity;
    private final String title;
    private final String remedy;

    Problem(Severity severity, String title, String remedy) {
        this.severity = severity;
        this.title = title;
        this.remedy = remedy;
    }

    public Severity severity() {
        return severity;
    }

    public String title() {
        return title;
    }

    public String remedy() {
        return remedy;
    }

    /** The entry whose {@link #reason()} this is. */
    public static Optional<Problem> ofReason(@Nullable String reason) {
        return Arrays.stream(values()).filter(p -> p.reason().equals(reason)).findFirst();
    }

    /** Whether this is a fault of our own gateway's, whoever the peer is. */
    public boolean isOfOurGateway() {
        return HERE.contains(this);
    }

    /**
     * What this is a mere symptom of: while one of them is reported of the same object, this one is not (see
     * {@link Finding#withoutSymptoms}), so that people mend the cause and not its shadow.
     */
    public Set<Problem> causes() {
        return switch (this) {
            case NEVER_CONNECTED -> {
                Set<Problem> causes = EnumSet.range(SELF_LINK, CIDR_NOT_APPROVED);
                // what a stranger presents says nothing of whether the peer answers, and a rival takes nothing away
                causes.removeAll(EnumSet.of(REPLAYED, CIDR_CLAIMED));
                causes.addAll(HERE);
                causes.addAll(EnumSet.of(NO_ENDPOINT, NO_HANDSHAKE));
                yield causes;
            }
            case NO_HANDSHAKE -> HERE;
            case UNREACHABLE -> {
                Set<Problem> causes = EnumSet.copyOf(HERE);
                causes.addAll(EnumSet.of(NO_HANDSHAKE, VERSION_SKEW));
                yield causes;
            }
            case STALE -> EnumSet.of(UNREACHABLE, NO_HANDSHAKE, VERSION_SKEW, SNAPSHOT_REJECTED, LIMIT_EXCEEDED);
            case ENDPOINT_OUT_OF_RANGE -> EnumSet.range(CIDR_TOO_BROAD, CIDR_NOT_APPROVED);
            case NO_GATEWAY -> EnumSet.of(POD_CIDR_UNKNOWN, TOOL_MISSING, CAPABILITY_MISSING, PORT_IN_USE);
            default -> Set.of();
        };
    }

    /** Whether one of {@code present} is its cause, or the cause of its cause. */
    public boolean isSilencedBy(Set<Problem> present) {
        return causes().stream().anyMatch(cause -> present.contains(cause) || cause.isSilencedBy(present));
    }

    /** The condition reason: the constant's name in CamelCase, with the field's abbreviations kept upper-case. */
    public String reason() {
        StringBuilder reason = new StringBuilder();
        for (String word : name().split("_")) {
            reason.append(
                    word.equals("CIDR") || word.equals("PSK")
                            ? word
                            : word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT));
        }
        return reason.toString();
    }
}
