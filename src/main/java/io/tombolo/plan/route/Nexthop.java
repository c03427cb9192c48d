package io.tombolo.plan.route;

import io.tombolo.net.Addresses;
import java.util.ArrayList;
import java.util.List;

/**
 * A nexthop object: the handle by which all routes to one slot of one peer move at once.
 *
 * @param id see {@link RouteNumbers}
 * @param way out of a layer-3 device such as {@code tb0}, or through the VXLAN device
 */
public record Nexthop(int id, boolean ipv6, Route.Target way) implements KernelObject {

    @Override
    public Object identity() {
        return id;
    }

    @Override
    public String addition() {
        return "nexthop replace id " + id + " " + way.words() + " proto " + RouteNumbers.PROTO;
    }

    @Override
    public String removal() {
        return "nexthop del id " + id;
    }

    @Override
    public int rank() {
        return 0;
    }

    /** The device the packets leave by; empty where nothing leaves. */
    public String device() {
        return Route.device(way);
    }

    /** Reads {@code ip -N -o nexthop show proto 74}; objects without a device (groups, blackholes) are not ours. */
    public static List<Nexthop> parse(String listing) {
        List<Nexthop> nexthops = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            Words words = new Words(line);
            if (words.has("id") && words.has("dev")) {
                // `encap ip id 7 …` has an id of its own, behind
                int id = Integer.parseInt(words.after("id"));
                Route.Target way = words.has("encap")
                        ? new Route.ViaVxlan(Addresses.parse(words.after("dst")), words.after("dev"))
                        : new Route.ViaDevice(words.after("dev"));
                nexthops.add(new Nexthop(id, RouteNumbers.isNexthop6(id), way));
            }
        }
        return nexthops;
    }
}
