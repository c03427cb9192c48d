package io.tombolo.net;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** IP address literals: parsed without look-ups, printed in the canonical form of RFC 5952. */
public final class Addresses {
    private Addresses() {}

    /**
     * Parses an IPv4 or IPv6 literal. Refuses zones, IPv4-mapped IPv6, leading zeros and every other form that is not
     * canonical, because two spellings of one address must not pass as two addresses.
     *
     * @throws IllegalArgumentException where {@code text} is not the canonical literal of an address; a
     *     {@link NotCanonicalException} where it is another spelling of one
     */
    public static InetAddress parse(String text) {
        if (text.isEmpty() || text.length() > 45 || text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
            throw new IllegalArgumentException("not an IP address: " + text);
        }
        // told apart here: it would try IPv4 first, and throw and catch within
        InetAddress address = text.indexOf(':') < 0 ? Inet4Address.ofLiteral(text) : Inet6Address.ofLiteral(text);
        if (!text(address).equals(text)) {
            throw new NotCanonicalException("not in canonical form: " + text + "; write " + text(address));
        }
        return address;
    }

    /** @throws IllegalArgumentException where {@code bytes} is not 4 or 16 long */
    public static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The canonical text form: RFC 5952 for IPv6. */
    public static String text(InetAddress address) {
        return address instanceof Inet6Address ? text6(address.getAddress()) : address.getHostAddress();
    }

    private static String text6(byte[] bytes) {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
        }
        int bestStart = -1;
        int bestLength = 1; // a single zero group is not shortened (RFC 5952 section 4.2.2)
        for (int i = 0; i < 8; i++) {
            int run = i;
            while (run < 8 && groups[run] == 0) {
                run++;
            }
            if (run - i > bestLength) {
                bestStart = i;
                bestLength = run - i;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (i > 0 && i != bestStart + bestLength) {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
