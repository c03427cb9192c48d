package io.tombolo.plan.route;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A route of ours (`proto 74`).
 *
 * @param table number of the routing table; {@link #MAIN} is the main one
 * @param metric 0 for the family's default (0 for IPv4, 1024 for IPv6)
 * @param mtu bytes of the largest packet that goes this way; 0: what the device takes
 */
public record Route(int table, Cidr destination, Target target, int metric, int mtu) implements KernelObject {
    /** RT_TABLE_MAIN. */
    public static final int MAIN = 254;

    /** What IPv6 gives a route without a metric (IP6_RT_PRIO_USER). */
    private static final int DEFAULT_METRIC_6 = 1024;

    private record Identity(int table, Cidr destination, int metric) {}

    /** A way that takes whatever its device does. */
    public Route(int table, Cidr destination, Target target, int metric) {
        this(table, destination, target, metric, 0);
    }

    /** The same way for packets of another size. */
    public Route withMtu(int bytes) {
        return new Route(table, destination, target, metric, bytes);
    }

    /** Where the packets go. */
    public sealed interface Target {
        String words();
    }

    /** By a nexthop object, which can be moved without touching the route. */
    public record ViaNexthop(int id) implements Target {
        @Override
        public String words() {
            return "nhid " + id;
        }
    }

    /** Out of a layer-3 device. */
    public record ViaDevice(String device) implements Target {
        @Override
        public String words() {
            return "dev " + device;
        }
    }

    /** To a gateway on the same link. */
    public record ViaGateway(InetAddress gateway, String device) implements Target {
        @Override
        public String words() {
            return "via " + Addresses.text(gateway) + " dev " + device;
        }
    }

    /**
     * Through the VXLAN device (external mode) to the node with that underlay address. Over IPv6 with a UDP checksum, which a
     * device in that mode leaves out unless told, and which every receiver demands (RFC 8200, section 8.1).
     */
    public record ViaVxlan(InetAddress node, String device) implements Target {
        private static final int TTL = 64;

        @Override
        public String words() {
            boolean six = node.getAddress().length == 16;
            return "encap " + (six ? "ip6" : "ip") + " id " + RouteNumbers.VXLAN_ID + " dst " + Addresses.text(node)
                    + (six ? " hoplimit " + TTL + " csum" : " ttl " + TTL) + " dev " + device;
        }
    }

    /** Answered with an ICMP error: the fence. */
    public record Unreachable() implements Target {
        @Override
        public String words() {
            return "";
        }
    }

    /** Not decided by this table: the next rule is asked. */
    public record Throw() implements Target {
        @Override
        public String words() {
            return "";
        }
    }

    /** The fence behind the real route to {@code destination}. */
    public static Route fence(int table, Cidr destination) {
        return new Route(table, destination, new Unreachable(), RouteNumbers.FENCE_METRIC);
    }

    @Override
    public Object identity() {
        return new Identity(table, destination, metric);
    }

    @Override
    public boolean ipv6() {
        return !destination.isIpv4();
    }

    @Override
    public String addition() {
        // forwarded IPv6 packets are held against a route's MTU only where that is locked (ip6_dst_mtu_maybe_forward)
        String size = mtu == 0 ? "" : (ipv6() ? " mtu lock " : " mtu ") + mtu;
        return "route replace " + spelled(true) + " proto " + RouteNumbers.PROTO + size;
    }

    @Override
    public String removal() {
        return "route del " + spelled(false) + " proto " + RouteNumbers.PROTO;
    }

    @Override
    public int rank() {
        return 1;
    }

    private String spelled(boolean whole) {
        String type =
                switch (target) {
                    case Unreachable _ -> "unreachable ";
                    case Throw _ -> "throw ";
                    case ViaNexthop _, ViaDevice _, ViaGateway _, ViaVxlan _ -> "";
                };
        String words = whole && !target.words().isEmpty() ? " " + target.words() : "";
        return type + destination + words + " table " + table + (metric == 0 ? "" : " metric " + metric);
    }

    /** The device the packets leave by, or empty where there is none or a nexthop object knows. */
    public String device() {
        return device(target);
    }

    static String device(Target target) {
        return switch (target) {
            case ViaDevice via -> via.device();
            case ViaGateway via -> via.device();
            case ViaVxlan via -> via.device();
            case ViaNexthop _, Unreachable _, Throw _ -> "";
        };
    }

    /**
     * Reads {@code ip -4|-6 -N -o route show table all proto 74}. Text rather than JSON: the JSON of a VXLAN route
     * has the key {@code dst} twice. Routes of a shape we never write are left out: they are not ours to touch.
     */
    public static List<Route> parse(String listing) {
        List<Route> routes = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            if (line.isBlank() || Character.isWhitespace(line.charAt(0))) {
                continue; // `nh_info …` continues the line above
            }
            Words words = new Words(line);
            String type = words.get(0);
            boolean typed = type.matches("[a-z]+|[0-9]+");
            String destination = words.get(typed ? 1 : 0);
            if (destination.equals("default")) {
                continue;
            }
            Cidr cidr = destination.contains("/") ? Cidr.parse(destination) : Cidr.host(Addresses.parse(destination));
            Target target = target(typed ? type : "unicast", words);
            if (target == null) {
                continue;
            }
            int metric = Integer.parseInt(words.afterOr("metric", "0"));
            String table = words.afterOr("table", "main");
            routes.add(new Route(
                    table.equals("main") ? MAIN : Integer.parseInt(table),
                    cidr,
                    target,
                    metric == DEFAULT_METRIC_6 && !cidr.isIpv4() ? 0 : metric,
                    Integer.parseInt(words.afterOr("lock", words.afterOr("mtu", "0")))));
        }
        return routes;
    }

    private static @org.jspecify.annotations.Nullable Target target(String type, Words words) {
        switch (type) {
            case "unreachable", "7":
                return new Unreachable();
            case "throw", "9":
                return new Throw();
            case "unicast", "1":
                break;
            default:
                return null;
        }
        if (words.has("nhid")) {
            return new ViaNexthop(Integer.parseInt(words.after("nhid")));
        }
        if (words.has("encap")) {
            return new ViaVxlan(Addresses.parse(words.after("dst")), words.after("dev"));
        }
        if (words.has("via")) {
            return new ViaGateway(Addresses.parse(words.after("via")), words.after("dev"));
        }
        return words.has("dev") ? new ViaDevice(words.after("dev")) : null;
    }
}
