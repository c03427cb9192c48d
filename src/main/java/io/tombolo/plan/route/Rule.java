package io.tombolo.plan.route;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A rule of ours: which table answers for which packets.
 *
 * @param iif the device the packets came in by; empty: any
 * @param from source prefix; empty: any
 * @param to destination prefix; empty: any
 * @param udpPort to which the packets go, UDP; empty: any packets
 */
public record Rule(
        int priority,
        boolean ipv6,
        Optional<String> iif,
        Optional<Cidr> from,
        Optional<Cidr> to,
        Optional<Integer> udpPort,
        Action action)
        implements KernelObject {

    /** For packets of every protocol. */
    public Rule(
            int priority, boolean ipv6, Optional<String> iif, Optional<Cidr> from, Optional<Cidr> to, Action action) {
        this(priority, ipv6, iif, from, to, Optional.empty(), action);
    }

    /** What a rule does. */
    public sealed interface Action {
        String words();
    }

    /** Ask this table; where it has no answer the next rule is tried. */
    public record Lookup(int table) implements Action {
        @Override
        public String words() {
            return "lookup " + table;
        }
    }

    /** Answer with an ICMP error. */
    public record Unreachable() implements Action {
        @Override
        public String words() {
            return "unreachable";
        }
    }

    @Override
    public Object identity() {
        return this;
    }

    @Override
    public String addition() {
        return "rule add " + spelled();
    }

    @Override
    public String removal() {
        return "rule del " + spelled();
    }

    @Override
    public int rank() {
        return 2;
    }

    /** Protocols as numbers: an image has no names of them. */
    private String spelled() {
        return "priority " + priority + iif.map(d -> " iif " + d).orElse("")
                + from.map(c -> " from " + c).orElse("")
                + to.map(c -> " to " + c).orElse("")
                + udpPort.map(port -> " ipproto 17 dport " + port).orElse("") + " " + action.words()
                + " protocol " + RouteNumbers.PROTO;
    }

    /** Reads {@code ip -4|-6 -N -o rule show}; only rules that carry our protocol number are ours. */
    public static List<Rule> parse(String listing, boolean ipv6) {
        List<Rule> rules = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            Words words = new Words(line);
            if (!words.afterOr("proto", "").equals(Integer.toString(RouteNumbers.PROTO))) {
                continue;
            }
            Action action = words.has("lookup")
                    ? new Lookup(Integer.parseInt(words.after("lookup").replace("main", "254")))
                    : new Unreachable();
            rules.add(new Rule(
                    Integer.parseInt(words.get(0).replace(":", "")),
                    ipv6,
                    words.has("iif") ? Optional.of(words.after("iif")) : Optional.empty(),
                    prefix(words, "from"),
                    prefix(words, "to"),
                    words.has("dport") ? Optional.of(Integer.parseInt(words.after("dport"))) : Optional.empty(),
                    action));
        }
        return rules;
    }

    private static Optional<Cidr> prefix(Words words, String key) {
        String text = words.afterOr(key, "all");
        if (text.equals("all")) {
            return Optional.empty();
        }
        return Optional.of(text.contains("/") ? Cidr.parse(text) : Cidr.host(Addresses.parse(text)));
    }
}
