package io.tombolo.dns.zone;

import io.tombolo.net.NamespacedName;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * {@code clusterset.local} at one moment: an immutable tree of names. A change makes a new zone that shares all other
 * services' nodes with the old one; the server takes one zone per query, so no answer mixes two.
 */
public final class Zone {
    /** The zone every clusterset serves (KEP-1645). */
    public static final Name ORIGIN = Name.parse("clusterset.local");

    /** Version of the DNS specification this zone follows. */
    public static final String SCHEMA = "1.0.0";

    /** Longest time to live allowed, seconds: a changed answer must not outlive its reason for long. */
    public static final int MAX_TTL = 30;

    private static final Name SVC = ORIGIN.child("svc");

    private final int ttl;
    private final int serial;
    private final Node apex;

    private Zone(int ttl, int serial, Node apex) {
        this.ttl = ttl;
        this.serial = serial;
        this.apex = apex;
    }

    /**
     * A zone without services.
     *
     * @param ttl seconds, 0-30, of every record; configured here, never taken from a peer
     * @param serial of the SOA (RFC 1982: the higher is the newer)
     * @param nameServer addresses of {@code ns.dns.clusterset.local}, the name the NS record points to
     * @throws IllegalArgumentException where {@code ttl} is out of range
     */
    public static Zone empty(int ttl, int serial, List<InetAddress> nameServer) {
        if (ttl < 0 || ttl > MAX_TTL) {
            throw new IllegalArgumentException("ttl " + ttl + " is out of range 0-" + MAX_TTL + " seconds");
        }
        Node apex = Node.emptyNonTerminal(Map.of(
                "dns-version", Node.text(SCHEMA),
                "svc", Node.emptyNonTerminal(Map.of()),
                "dns", Node.emptyNonTerminal(Map.of("ns", ServiceRecords.node(nameServer)))));
        return new Zone(ttl, serial, apex);
    }

    /**
     * This zone with some services set or, where empty, removed.
     *
     * @param live whether a cluster can be reached: endpoints of others are left out
     */
    public Zone with(Map<NamespacedName, Optional<ImportedService>> changes, Predicate<String> live, int serial) {
        Map<String, Map<String, Optional<Node>>> byNamespace = new HashMap<>();
        changes.forEach((name, service) -> {
            if (Name.isLabel(name.name()) && Name.isLabel(name.namespace())) {
                Name owner = SVC.child(name.namespace()).child(name.name());
                byNamespace
                        .computeIfAbsent(name.namespace(), n -> new HashMap<>())
                        .put(name.name(), service.flatMap(s -> ServiceRecords.of(s, owner, live)));
            }
        });
        Node svc = svc();
        Map<String, Optional<Node>> namespaces = new HashMap<>();
        byNamespace.forEach((namespace, services) -> {
            Node old = svc.child(namespace);
            Node changed = (old == null ? Node.emptyNonTerminal(Map.of()) : old).with(services);
            namespaces.put(namespace, changed.hasChildren() ? Optional.of(changed) : Optional.empty());
        });
        return new Zone(ttl, serial, apex.with(Map.of("svc", Optional.of(svc.with(namespaces)))));
    }

    /** Seconds, 0-30. */
    public int ttl() {
        return ttl;
    }

    public int serial() {
        return serial;
    }

    public Node apex() {
        return apex;
    }

    /** How many namespaces hold at least one name. */
    public int namespaces() {
        return svc().childCount();
    }

    private Node svc() {
        @Nullable Node svc = apex.child("svc");
        if (svc == null) {
            throw new IllegalStateException("a zone without svc." + ORIGIN);
        }
        return svc;
    }
}
