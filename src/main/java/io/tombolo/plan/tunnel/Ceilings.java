package io.tombolo.plan.tunnel;

import io.tombolo.net.ClusterId;
import java.util.HashMap;
import java.util.Map;

/**
 * The largest packets that may go into the lanes, by what the interfaces take that lead to the peers' endpoints. What lies
 * behind these is for probes to find out.
 *
 * @param lanes bytes, by peer and slot; a lane whose endpoint is not known is absent
 */
public record Ceilings(Map<ClusterId, Map<Integer, Integer>> lanes) {
    /** Of links of whom nothing is known. */
    public static final Ceilings UNKNOWN = new Ceilings(Map.of());

    /** Inner MTU over a path of 1,500 bytes, whether the outer packets are IPv4 (60 bytes more) or IPv6 (80). */
    public static final int DEFAULT = 1420;

    /** What every IPv6 link takes (RFC 8200, section 5); an interface that takes less has no IPv6 addresses. */
    public static final int LEAST = 1280;

    /** WireGuard pads what it encrypts to a multiple of this, or to the device's MTU. */
    public static final int PADDING = 16;

    /** Links that take more are not made use of further; bytes. */
    private static final int WIDEST = 9216;

    /** Outer header, UDP 8, WireGuard's header 16 and its tag 16. */
    private static final int OVERHEAD_4 = 60;

    private static final int OVERHEAD_6 = 80;

    public Ceilings {
        Map<ClusterId, Map<Integer, Integer>> copy = new HashMap<>();
        lanes.forEach((peer, slots) -> copy.put(peer, Map.copyOf(slots)));
        lanes = Map.copyOf(copy);
    }

    /** What of a link of {@code mtu} bytes is left inside the tunnel. */
    public static int inside(int mtu, boolean ipv6) {
        return Math.min(mtu, WIDEST) - (ipv6 ? OVERHEAD_6 : OVERHEAD_4);
    }

    /** Bytes that every lane's device takes: as many as go to the peer with the widest link. */
    public int device() {
        return Math.max(
                LEAST,
                lanes.values().stream()
                        .flatMap(slots -> slots.values().stream())
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(DEFAULT));
    }

    /** Bytes of the largest packet that may fit the lane to this slot, whatever it is padded to. */
    public int of(ClusterId peer, int slot) {
        int device = device();
        int bytes = lanes.getOrDefault(peer, Map.of()).getOrDefault(slot, device);
        return bytes == device ? device : bytes - bytes % PADDING;
    }
}
