package io.tombolo.api.v1alpha1;

import java.util.List;

/**
 * The shapes of our strings and ports. Rules are CEL rather than {@code pattern} and {@code minimum}, because a refusal
 * must name the reason (an entry of the problem catalogue) and show the value; those of keys never show it, for it may
 * be a private key pasted in the wrong place. The rules of a shape exclude each other, so that one fault gets one
 * message.
 */
public enum Shape {
    PLAIN(1024),
    DATE_TIME(0),

    CLUSTER_ID(
            253,
            Rule.showing(
                    "self.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",
                    "InvalidName",
                    "is not one DNS label: 1-63 of a-z, 0-9 and -, with a letter or digit at both ends"),
            Rule.showing(
                    "!(self in ['svc', 'pod', 'clusterset', 'local'])",
                    "InvalidName",
                    "is a word that clusterset names reserve"),
            Rule.showing(
                    "!self.startsWith('xn--')",
                    "InvalidName",
                    "is an encoded international name, of which people cannot see what it says")),

    SECRET_NAME(
            253,
            Rule.showing(
                    "self.matches('^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$')",
                    "InvalidName",
                    "is not the name of a Secret")),

    PUBLIC_KEY(
            128,
            Rule.silent("self.size() > 0", "KeyMissing", "a gateway has a public key"),
            Rule.silent(
                    "self.size() == 0 || self.matches('^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$')",
                    "KeyFormat",
                    "a key is 44 characters of canonical base64 (32 bytes)")),

    IDENTITY(
            128,
            Rule.silent("self.size() > 0", "KeyMissing", "an identity is a public key"),
            Rule.silent(
                    "self.size() == 0 || self.matches('^ed25519:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$')",
                    "KeyFormat",
                    "an identity is ed25519: and 44 characters of canonical base64 (32 bytes)")),

    /** The address of a gateway on the underlay. {@code isIP} refuses zones and IPv4-mapped IPv6. */
    GATEWAY_ADDRESS(
            64,
            Rule.showing(
                    "self.size() > 0 && !self.matches('^[0-9.]+:[0-9]*$')",
                    "EndpointInvalid",
                    "is not an IP address; the port stands in its own field"),
            Rule.showing(
                    "isIP(self) ? ip.isCanonical(self) : !self.matches('" + Rule.ODD_ADDRESS + "')",
                    "AddressNotCanonical",
                    "is not the canonical form of an IP address"),
            Rule.showing(
                    "self.size() == 0 || isIP(self) || self.matches('" + Rule.ODD_ADDRESS
                            + "') || self.matches('^[0-9.]+:[0-9]*$')",
                    "EndpointForbidden",
                    "is not an IP address; names are not looked up, and zones are local to a host"),
            Rule.showing(
                    "!isIP(self) || !['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3', '::/127',"
                            + " 'fe80::/10', 'ff00::/8'].exists(c, cidr(c).containsIP(ip(self)))",
                    "EndpointForbidden",
                    "is loopback, link-local, multicast, reserved or unspecified")),

    /** A prefix of ours or of a peer, which traffic may be routed to. */
    CIDR(
            64,
            Rule.showing(
                    "isCIDR(self) || self.startsWith('::ffff:')",
                    "CIDRInvalid",
                    "is not a prefix such as 10.52.0.0/16"),
            Rule.showing(
                    "!isCIDR(self) || (cidr(self) == cidr(self).masked() && string(cidr(self)) == self)",
                    "CIDRNotCanonical",
                    "has host bits set or is not in canonical form, such as 10.52.0.0/16"),
            Rule.showing(
                    "!isCIDR(self) || cidr(self).prefixLength() >= (cidr(self).ip().family() == 4 ? 8 : 16)",
                    "CIDRTooBroad",
                    "is broader than /8 (IPv4) or /16 (IPv6)"),
            Rule.showing(
                    // what is broader than /8 or /16 has its own message
                    "isCIDR(self) ? (cidr(self).prefixLength() < (cidr(self).ip().family() == 4 ? 8 : 16) ||"
                            + " !['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '224.0.0.0/3',"
                            + " '100.100.100.200/32', '168.63.129.16/32', '::/96', '64:ff9b::/96', '2002::/16',"
                            + " 'fd00:ec2::254/128', 'fe80::/10', 'ff00::/8'].exists(c,"
                            + " cidr(c).containsCIDR(cidr(self)))) : !self.startsWith('::ffff:')",
                    "CIDRReserved",
                    "lies in a range with a special meaning")),

    /** A prefix that is named in order to be kept out: special ones are welcome. */
    PROTECTED_CIDR(64, CIDR.rules.get(0), CIDR.rules.get(1), CIDR.rules.get(2)),

    /** A cluster's part of a service's traffic, beside those of the others. */
    WEIGHT(0, Rule.number("self >= 0 && self <= 1000", "WeightInvalid", "is not a weight of 0-1000")),

    /** The port of an endpoint: behind it stand up to 9 more, one per lane and one spare. */
    PORT(
            0,
            Rule.number(
                    "self >= 1 && self <= 65526",
                    "EndpointInvalid",
                    "is not a port of 1-65526 (the ports up to it + 9 are used too)")),

    /** The port our gateways listen on. */
    LISTEN_PORT(
            0,
            Rule.number(
                    "self >= 1024 && self <= 65526",
                    "PortInUse",
                    "is not a port of 1024-65526 (the ports up to it + 9 are used too)"),
            Rule.number(
                    "self + 9 < 30000 || self > 32767",
                    "PortInUse",
                    "lies in the range of NodePorts, 30000-32767, or the ports up to it + 9 do"));

    private final int max;
    private final List<Rule> rules;

    Shape(int max, Rule... rules) {
        this.max = max;
        this.rules = List.of(rules);
    }

    /** Bytes at most; 0 where the shape has no such limit. */
    public int max() {
        return max;
    }

    public List<Rule> rules() {
        return rules;
    }

    /**
     * One CEL validation rule ({@code x-kubernetes-validations}).
     *
     * @param messageExpression empty where the value must not be shown
     */
    public record Rule(String rule, String message, String messageExpression) {
        /** IPv4 in octal, hex or with missing parts, and IPv4-mapped IPv6: what inet_aton and friends would take. */
        static final String ODD_ADDRESS =
                "^(0[xX][0-9a-fA-F]+|[0-9]+)([.](0[xX][0-9a-fA-F]+|[0-9]+)){0,3}$" + "|^::[fF]{4}:[0-9a-fA-F.:]+$";

        static Rule showing(String rule, String reason, String text) {
            return new Rule(rule, reason + ": the value " + text, "'" + reason + ": ' + self + ' " + text + "'");
        }

        /** By format: the API server's estimate of {@code string(self)} has no bound for a number. */
        static Rule number(String rule, String reason, String text) {
            return new Rule(rule, reason + ": the value " + text, "'" + reason + ": %d " + text + "'.format([self])");
        }

        static Rule silent(String rule, String reason, String text) {
            return new Rule(rule, reason + ": " + text, "");
        }
    }
}
