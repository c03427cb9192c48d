package io.tombolo.plan.route;

import java.util.ArrayList;
import java.util.List;

/**
 * A nexthop object: the handle by which all routes to one slot of one peer move at once.
 *
 * @param id see {@link LaneRoutes}
 * @param device a layer-3 device such as {@code tb0}
 */
public record Nexthop(int id, boolean ipv6, String device) implements KernelObject {

    @Override
    public Object identity() {
        return id;
    }

    @Override
    public String addition() {
        return "nexthop replace id " + id + " dev " + device + " proto " + RouteNumbers.PROTO;
    }

    @Override
    public String removal() {
        return "nexthop del id " + id;
    }

    @Override
    public int rank() {
        return 0;
    }

    /** Reads {@code ip -N -o nexthop show proto 74}; objects without a device (groups, blackholes) are not ours. */
    public static List<Nexthop> parse(String listing) {
        List<Nexthop> nexthops = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            Words words = new Words(line);
            if (words.has("id") && words.has("dev")) {
                int id = Integer.parseInt(words.after("id"));
                nexthops.add(new Nexthop(id, id >= RouteNumbers.NEXTHOP6_BASE, words.after("dev")));
            }
        }
        return nexthops;
    }
}
