package io.tombolo.dns.zone;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One name of the zone: what it owns and what lies below it. A node that owns nothing is an empty non-terminal; it
 * exists, so it is answered NODATA, not NXDOMAIN (RFC 8020).
 */
public final class Node {
    private static final byte[] NONE = {};
    private static final Srv[] NO_SRV = {};

    private final byte[] ipv4;
    private final byte[] ipv6;
    private final Srv[] services;
    private final byte[] text;
    private final LabelMap<Node> children;

    private Node(byte[] ipv4, byte[] ipv6, Srv[] services, byte[] text, LabelMap<Node> children) {
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        this.services = services;
        this.text = text;
        this.children = children;
    }

    /** A name that only has names below it. */
    static Node emptyNonTerminal(Map<String, Node> children) {
        return new Node(NONE, NONE, NO_SRV, NONE, LabelMap.of(children));
    }

    /** A name that owns addresses; the arrays hold them one behind the other. */
    static Node addresses(byte[] ipv4, byte[] ipv6) {
        return new Node(ipv4, ipv6, NO_SRV, NONE, LabelMap.empty());
    }

    /** A name that owns one TXT record of one string. */
    static Node text(String text) {
        byte[] string = text.getBytes(StandardCharsets.US_ASCII);
        byte[] rdata = new byte[string.length + 1];
        rdata[0] = (byte) string.length;
        System.arraycopy(string, 0, rdata, 1, string.length);
        return new Node(NONE, NONE, NO_SRV, rdata, LabelMap.empty());
    }

    /** This node with SRV records of its own. Records of one target stand together. */
    Node withServices(List<Srv> services) {
        return new Node(ipv4, ipv6, services.toArray(Srv[]::new), text, children);
    }

    Node withChildren(Map<String, Node> children) {
        return new Node(ipv4, ipv6, services, text, LabelMap.of(children));
    }

    /** This node with some children set or, where empty, removed. */
    Node with(Map<String, Optional<Node>> changes) {
        return new Node(ipv4, ipv6, services, text, children.with(changes));
    }

    boolean hasChildren() {
        return !children.isEmpty();
    }

    int childCount() {
        return children.size();
    }

    /** The node one label below; null where there is none. The label's bytes are in lower case. */
    public @Nullable Node child(byte[] lower, int from, int length) {
        return children.get(lower, from, length);
    }

    @Nullable
    Node child(String label) {
        byte[] bytes = Name.label(label);
        return children.get(bytes, 0, bytes.length);
    }

    public int ipv4Count() {
        return ipv4.length / 4;
    }

    public int ipv6Count() {
        return ipv6.length / 16;
    }

    public int serviceCount() {
        return services.length;
    }

    public Srv service(int index) {
        return services[index];
    }

    public void copyIpv4(int index, byte[] out, int at) {
        System.arraycopy(ipv4, index * 4, out, at, 4);
    }

    public void copyIpv6(int index, byte[] out, int at) {
        System.arraycopy(ipv6, index * 16, out, at, 16);
    }

    /** Length of the TXT rdata; 0 where the name owns none. */
    public int textLength() {
        return text.length;
    }

    public void copyText(byte[] out, int at) {
        System.arraycopy(text, 0, out, at, text.length);
    }
}
