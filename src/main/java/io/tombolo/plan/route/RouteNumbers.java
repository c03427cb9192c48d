package io.tombolo.plan.route;

/**
 * Tables, priorities and marks we occupy in the kernel of a node. Rules stand behind `local` (0) and ahead of every CNI
 * we know of and of `main` (32766).
 */
public final class RouteNumbers {
    /** Gateway: remote prefixes by nexthop over the lanes. */
    public static final int LANE_TABLE = 7410;

    /** Gateway: local pod prefixes of other nodes, for what comes out of a lane. */
    public static final int INWARD_TABLE = 7411;

    /** Node: remote prefixes to the gateway that serves this node's pods. */
    public static final int NODE_TABLE = 7412;

    /** Gateway: tunnel addresses of lanes without any MTU, for probes: they find out what passes. */
    public static final int PROBE_TABLE = 7413;

    /** Gateway: `iif tb<k> lookup INWARD_TABLE`. */
    public static final int INWARD_RULE = 740;

    /** Gateway: `iif lo ipproto 17 dport <probes> lookup PROBE_TABLE`. */
    public static final int PROBE_RULE = 741;

    /** Gateway: `iif <vxlan> to <remote> lookup LANE_TABLE`, ahead of the node's rules: what a node hands over goes to a lane. */
    public static final int LANE_RULE = 742;

    /** Node: `from <local> to <remote> lookup NODE_TABLE`. */
    public static final int NODE_RULE = 744;

    /** Both: `to <remote> unreachable`, behind every lookup: without a route nothing leaves in plain text. */
    public static final int FENCE_RULE = 749;

    /** Metric of the `unreachable` route behind each real one. */
    public static final int FENCE_METRIC = 9999;

    /** Protocol number that marks our routes and nexthops as ours (`ip route … proto`; unassigned in rtnetlink). */
    public static final int PROTO = 74;

    /** Gateway: `iif <vxlan> to <remote> unreachable`, behind the lookup: a lane table that is gone sends nothing elsewhere. */
    public static final int LANE_FENCE_RULE = 743;

    /** First nexthop id of lanes: NEXTHOP_BASE + 8 * peer index + slot; see {@link LaneRoutes}. */
    public static final int NEXTHOP_BASE = 741_000;

    /** The same for IPv6: a nexthop without a gateway belongs to one family. */
    public static final int NEXTHOP6_BASE = 20_741_000;

    /**
     * Nexthop ids of a node: NODE_NEXTHOP_BASE + slot, below those of lanes, all of which a gateway's agent takes for its own.
     */
    public static final int NODE_NEXTHOP_BASE = 700_000;

    /** The same for IPv6. */
    public static final int NODE_NEXTHOP6_BASE = 700_100;

    /** The VXLAN device between a cluster's nodes and gateways. */
    public static final String VXLAN_DEVICE = "tbvx";

    /** UDP port of VXLAN on the underlay. */
    public static final int VXLAN_PORT = 4792;

    /** VXLAN network identifier. */
    public static final int VXLAN_ID = 7;

    /** The device of what a node itself sends, in a rule. */
    static final String OWN_PACKETS = "lo";

    private RouteNumbers() {}

    /** To which family a nexthop of ours belongs. */
    static boolean isNexthop6(int id) {
        return id >= NEXTHOP6_BASE || id >= NODE_NEXTHOP6_BASE && id < NEXTHOP_BASE;
    }
}
