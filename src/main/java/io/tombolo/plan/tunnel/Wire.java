package io.tombolo.plan.tunnel;

import java.util.Optional;

/** Names and numbers of the tunnel that every part must agree on. */
public final class Wire {
    /** The door's interface. Interface names have at most 15 characters (IFNAMSIZ - 1). */
    public static final String DOOR_DEVICE = "tbdoor";

    /** Announcements: TCP on the door's tunnel address. */
    public static final int DOOR_TCP_PORT = 7411;

    /** Probes: UDP on the lane's tunnel address. */
    public static final int PROBE_UDP_PORT = 7412;

    /** Probes of our own nodes: UDP on the underlay of a gateway's node, where a cluster has several gateways. */
    public static final int GATEWAY_PROBE_UDP_PORT = 7414;

    /** The other end of these, on every node. */
    public static final int NODE_PROBE_UDP_PORT = 7415;

    /** The exchange: gRPC over TCP on the lane's tunnel address. */
    public static final int EXCHANGE_TCP_PORT = 7413;

    /** Renewal of pre-shared keys: UDP on the lane's tunnel address. */
    public static final int RENEWAL_UDP_PORT = 7416;

    /** Protocol version of door and exchange that this build speaks. */
    public static final int PROTOCOL = 1;

    /** The lane that is spare where each side has one gateway. Every gateway has two lanes. */
    public static final int SPARE_LANE = 1;

    private Wire() {}

    /** The interface of lane {@code k}, 0-7: {@code tb0} … {@code tb7}. */
    public static String laneDevice(int k) {
        return "tb" + k;
    }

    /** The lane of an interface; empty where it is none. */
    public static Optional<Integer> lane(String device) {
        return device.matches("tb[0-7]") ? Optional.of(device.charAt(2) - '0') : Optional.empty();
    }

    /** Where lane {@code k} listens, given the port of the door. */
    public static int lanePort(int port, int k) {
        return port + 1 + k;
    }
}
