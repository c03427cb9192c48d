package io.tombolo.exchange;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What we export, as a log that keeps only the latest change of each thing: a service's shape, or one endpoint of one
 * port set. Every change has a number of its own, so "everything after n" is a walk from n, whether the reader is one
 * change behind or ten thousand, and a slow reader costs no queue. Removals are remembered up to
 * {@link Bounds#REMEMBERED_REMOVALS}; who is further behind gets a snapshot. Not thread-safe.
 */
final class ExportLedger {
    /** One thing that changes as a whole. */
    sealed interface Item {
        NamespacedName name();
    }

    record Shape(NamespacedName name) implements Item {}

    record Member(NamespacedName name, EndpointSet set, InetAddress address) implements Item {}

    private static final class Held {
        ExportedService shape;
        /** Everybody who may have heard of the service; null: all. Others are not told that it went, either. */
        @Nullable
        Set<String> audience;

        Map<EndpointSet, Map<InetAddress, Endpoint>> endpoints = new LinkedHashMap<>();

        Held(ExportedService shape) {
            this.shape = shape;
            this.audience = shape.toClusters().isEmpty() ? null : new HashSet<>(shape.toClusters());
        }
    }

    private final Map<NamespacedName, Held> services = new LinkedHashMap<>();
    private final NavigableMap<Long, Item> log = new TreeMap<>();
    private final Map<Item, Long> numbers = new HashMap<>();
    /** Numbers of removals, in order, with who may know of them; null: all. */
    private final NavigableMap<Long, Optional<Set<String>>> removals = new TreeMap<>();

    private long last;
    private long forgotten;

    /** The number of the newest change. */
    long last() {
        return last;
    }

    /** Who is behind this needs a snapshot. */
    long forgotten() {
        return forgotten;
    }

    Collection<NamespacedName> names() {
        return services.keySet();
    }

    /** The newest change after {@code number}, then the ones after that. */
    NavigableMap<Long, Item> after(long number) {
        return log.tailMap(number, false);
    }

    /** Takes the service as it is now; what did not change costs no number. */
    void put(ExportedService service) {
        ExportedService shape = shapeOf(service);
        Held held = services.get(service.name());
        boolean audienceChanged = false;
        if (held == null) {
            held = new Held(shape);
            services.put(service.name(), held);
            stamp(new Shape(service.name()));
        } else if (!held.shape.equals(shape)) {
            audienceChanged = !held.shape.toClusters().equals(shape.toClusters());
            held.shape = shape;
            if (held.audience != null) {
                if (shape.toClusters().isEmpty()) {
                    held.audience = null;
                } else {
                    held.audience.addAll(shape.toClusters());
                }
            }
            stamp(new Shape(service.name()));
        }
        Map<EndpointSet, Map<InetAddress, Endpoint>> now = new LinkedHashMap<>();
        for (EndpointGroup group : service.endpoints()) {
            Map<InetAddress, Endpoint> members = now.computeIfAbsent(EndpointSet.of(group), s -> new LinkedHashMap<>());
            group.endpoints().forEach(e -> members.put(e.address(), e));
        }
        Map<EndpointSet, Map<InetAddress, Endpoint>> before = held.endpoints;
        held.endpoints = now;
        // additions before removals: a port set that replaces another never leaves the service without endpoints
        for (Map.Entry<EndpointSet, Map<InetAddress, Endpoint>> set : now.entrySet()) {
            Map<InetAddress, Endpoint> old = before.getOrDefault(set.getKey(), Map.of());
            for (Endpoint endpoint : set.getValue().values()) {
                if (audienceChanged || !endpoint.equals(old.get(endpoint.address()))) {
                    stamp(new Member(service.name(), set.getKey(), endpoint.address()));
                }
            }
        }
        Optional<Set<String>> audience = Optional.ofNullable(held.audience).map(Set::copyOf);
        before.forEach((set, members) -> members.keySet().forEach(address -> {
            if (!now.getOrDefault(set, Map.of()).containsKey(address)) {
                stampRemoval(new Member(service.name(), set, address), audience);
            }
        }));
    }

    void remove(NamespacedName name) {
        Held held = services.remove(name);
        if (held == null) {
            return;
        }
        Optional<Set<String>> audience = Optional.ofNullable(held.audience).map(Set::copyOf);
        stampRemoval(new Shape(name), audience);
        held.endpoints.forEach((set, members) ->
                members.keySet().forEach(address -> stampRemoval(new Member(name, set, address), audience)));
    }

    /** The service without endpoints, if it stands and {@code peer} may have it. */
    Optional<ExportedService> shape(NamespacedName name, ClusterId peer) {
        Held held = services.get(name);
        return held == null || !mayHave(held.shape, peer) ? Optional.empty() : Optional.of(held.shape);
    }

    /** Whether {@code peer} may know of the thing behind {@code item}, come or gone. */
    boolean mayKnow(long number, Item item, ClusterId peer) {
        Optional<Set<String>> removal = removals.get(number);
        if (removal != null) {
            return removal.isEmpty() || removal.get().contains(peer.value());
        }
        Held held = services.get(item.name());
        return held != null && (held.audience == null || held.audience.contains(peer.value()));
    }

    Set<EndpointSet> sets(NamespacedName name) {
        Held held = services.get(name);
        return held == null ? Set.of() : new LinkedHashSet<>(held.endpoints.keySet());
    }

    List<Endpoint> members(NamespacedName name, EndpointSet set) {
        Held held = services.get(name);
        return held == null
                ? List.of()
                : List.copyOf(held.endpoints.getOrDefault(set, Map.of()).values());
    }

    Optional<Endpoint> member(Member member) {
        Held held = services.get(member.name());
        return held == null
                ? Optional.empty()
                : Optional.ofNullable(
                        held.endpoints.getOrDefault(member.set(), Map.of()).get(member.address()));
    }

    private static boolean mayHave(ExportedService shape, ClusterId peer) {
        return shape.toClusters().isEmpty() || shape.toClusters().contains(peer.value());
    }

    private void stamp(Item item) {
        Long old = numbers.put(item, ++last);
        if (old != null) {
            log.remove(old);
            removals.remove(old);
        }
        log.put(last, item);
    }

    private void stampRemoval(Item item, Optional<Set<String>> audience) {
        stamp(item);
        removals.put(last, audience);
        while (removals.size() > Bounds.REMEMBERED_REMOVALS) {
            forgotten = removals.firstKey();
            removals.remove(forgotten);
            numbers.remove(Objects.requireNonNull(log.remove(forgotten)));
        }
    }

    private static ExportedService shapeOf(ExportedService s) {
        return new ExportedService(
                s.name(),
                s.created(),
                s.headless(),
                s.ports(),
                s.ipFamilies(),
                s.sessionAffinity(),
                s.sessionAffinityTimeout(),
                s.internalTrafficPolicy(),
                s.trafficDistribution(),
                s.labels(),
                s.annotations(),
                s.toClusters(),
                List.of());
    }
}
