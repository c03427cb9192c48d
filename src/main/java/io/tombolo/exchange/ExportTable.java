package io.tombolo.exchange;

import com.google.protobuf.ByteString;
import io.tombolo.exchange.wire.EndpointsChanged;
import io.tombolo.exchange.wire.Service;
import io.tombolo.exchange.wire.ServiceName;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A peer's services at one point of its log, within {@link Bounds}. Not thread-safe. */
final class ExportTable {
    private static final int MOST_SETS = 64;
    /** Where complaints about a service itself stand, and not about a group of its endpoints. */
    private static final int SHAPE = 0;
    /** Bytes of heap that a label, an annotation or a port takes beside its text. */
    private static final int PART = 128;

    private static final class Row {
        /** Until the shape has come the service is not there for readers. */
        @Nullable
        ExportedService shape;

        /** Of the shape, as {@link #weight}. */
        int shapeWeight;

        final Map<EndpointSet, Map<InetAddress, Endpoint>> sets = new LinkedHashMap<>();
        int endpoints;

        int weight() {
            return shapeWeight
                    + sets.keySet().stream().mapToInt(ExportTable::weight).sum();
        }
    }

    /** Of the sender: numbers of another instance mean nothing. */
    final String instance;

    long sequence;
    private final Bounds bounds;
    private final Map<NamespacedName, Row> rows = new HashMap<>();
    private final Complaints complaints = new Complaints();
    private int endpoints;
    private long weight;
    private int shapesSeen;
    private long moves;

    ExportTable(String instance, long sequence, Bounds bounds) {
        this.instance = instance;
        this.sequence = sequence;
        this.bounds = bounds;
    }

    /** How many shapes were offered, those refused too. */
    int shapesSeen() {
        return shapesSeen;
    }

    /** How often an endpoint came or went. */
    long moves() {
        return moves;
    }

    Set<NamespacedName> names() {
        Set<NamespacedName> names = new TreeSet<>();
        rows.forEach((name, row) -> {
            if (row.shape != null) {
                names.add(name);
            }
        });
        return names;
    }

    Optional<ExportedService> service(NamespacedName name) {
        Row row = rows.get(name);
        if (row == null || row.shape == null) {
            return Optional.empty();
        }
        ExportedService s = row.shape;
        List<EndpointGroup> groups = new ArrayList<>();
        row.sets.forEach((set, members) ->
                groups.add(new EndpointGroup(set.ipv6(), set.ports(), List.copyOf(members.values()))));
        return Optional.of(new ExportedService(
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
                groups));
    }

    List<Finding> findings() {
        return complaints.findings();
    }

    /** Another number where {@link #findings} may be others. */
    int complaintsRevision() {
        return complaints.revision();
    }

    /** Whether something had no room; only a new snapshot brings it. */
    boolean lacks() {
        return complaints.has(Problem.LIMIT_EXCEEDED);
    }

    /** Services that differ between two tables. */
    static Set<NamespacedName> difference(ExportTable a, ExportTable b) {
        Set<NamespacedName> names = new TreeSet<>(a.rows.keySet());
        names.addAll(b.rows.keySet());
        names.removeIf(name -> {
            Row x = a.rows.get(name);
            Row y = b.rows.get(name);
            return x != null && y != null && Objects.equals(x.shape, y.shape) && x.sets.equals(y.sets);
        });
        return names;
    }

    /** A refused shape leaves the last good one in place. */
    Set<NamespacedName> upsert(Service wire) {
        shapesSeen++;
        try {
            ExportedService shape = WireReader.shape(wire);
            Row row = row(shape.name());
            int heavy = weight(wire);
            if (weight - row.shapeWeight + heavy > bounds.bytes()) {
                throw tooHeavy(shape.name());
            }
            weight += heavy - row.shapeWeight;
            row.shapeWeight = heavy;
            moves += row.shape == null ? 1 : 0; // its endpoints were there before it, and nobody saw them
            row.shape = shape;
            complaints.forget(wire.getName(), SHAPE, ByteString.EMPTY);
            return Set.of(shape.name());
        } catch (RefusedException e) {
            complaints.note(wire.getName(), SHAPE, ByteString.EMPTY, e.finding());
            return Set.of();
        }
    }

    Set<NamespacedName> remove(ServiceName wire) {
        complaints.forget(wire);
        try {
            NamespacedName name = WireReader.name(wire);
            Row gone = rows.remove(name);
            if (gone != null) {
                endpoints -= gone.endpoints;
                weight -= gone.weight();
            }
            moves++;
            return Set.of(name);
        } catch (RefusedException noName) {
            return Set.of(); // and so it was never held
        }
    }

    /** Endpoints that are refused are left out one by one; the rest is taken. */
    Set<NamespacedName> change(EndpointsChanged wire) {
        int key = 31 * wire.getPortsList().hashCode() + (wire.getIpv6() ? 1 : 2);
        try {
            NamespacedName name = WireReader.name(wire.getName());
            Group group = group(name, WireReader.set(name, wire.getIpv6(), wire.getPortsList()), wire.getName(), key);
            complaints.forget(wire.getName(), key, ByteString.EMPTY);
            wire.getUpsertedList().forEach(endpoint -> upsert(group, endpoint));
            wire.getRemovedList().forEach(address -> remove(group, address));
            if (group.members.isEmpty()) {
                group.row.sets.remove(group.set);
                weight -= weight(group.set);
            }
            return Set.of(name);
        } catch (RefusedException e) {
            complaints.note(wire.getName(), key, ByteString.EMPTY, e.finding());
            return Set.of();
        }
    }

    /** Endpoints of one port set that a message is about. */
    private record Group(
            NamespacedName name,
            Row row,
            EndpointSet set,
            Map<InetAddress, Endpoint> members,
            ServiceName wireName,
            int key) {}

    private Group group(NamespacedName name, EndpointSet set, ServiceName wireName, int key) throws RefusedException {
        Row row = row(name);
        Map<InetAddress, Endpoint> members = row.sets.get(set);
        if (members == null) {
            if (row.sets.size() >= MOST_SETS) {
                throw new RefusedException(
                        Problem.LIMIT_EXCEEDED, "endpoints.ports", name + " has more than " + MOST_SETS + " port sets");
            }
            if (weight + weight(set) > bounds.bytes()) {
                throw tooHeavy(name);
            }
            members = new LinkedHashMap<>();
            row.sets.put(set, members);
            weight += weight(set);
        }
        return new Group(name, row, set, members, wireName, key);
    }

    private void upsert(Group group, io.tombolo.exchange.wire.Endpoint wire) {
        try {
            Endpoint endpoint = WireReader.endpoint(group.name, group.set.ipv6(), wire);
            if (!group.members.containsKey(endpoint.address())) {
                if (group.row.endpoints >= bounds.endpointsPerService() || endpoints >= bounds.endpoints()) {
                    throw new RefusedException(
                            Problem.LIMIT_EXCEEDED,
                            "endpoints",
                            group.name + " has more than " + bounds.endpointsPerService()
                                    + " endpoints, or the cluster more than " + bounds.endpoints());
                }
                group.row.endpoints++;
                endpoints++;
                moves++;
            }
            group.members.put(endpoint.address(), endpoint);
            complaints.forget(group.wireName, group.key, wire.getAddress());
        } catch (RefusedException e) {
            complaints.note(group.wireName, group.key, wire.getAddress(), e.finding());
        }
    }

    private void remove(Group group, ByteString wire) {
        complaints.forget(group.wireName, group.key, wire);
        try {
            if (group.members.remove(WireReader.address(group.name, group.set.ipv6(), wire)) != null) {
                group.row.endpoints--;
                endpoints--;
                moves++;
            }
        } catch (RefusedException noAddress) {
            return; // and so it was never held
        }
    }

    private Row row(NamespacedName name) throws RefusedException {
        Row row = rows.get(name);
        if (row == null) {
            if (rows.size() >= bounds.services()) {
                throw new RefusedException(
                        Problem.LIMIT_EXCEEDED,
                        "services",
                        "more than " + bounds.services() + " services; left out: " + name);
            }
            row = new Row();
            rows.put(name, row);
        }
        return row;
    }

    /** What it costs us to hold it, about: objects are larger than their bytes, and small ones most of all. */
    private static int weight(Service wire) {
        return wire.getSerializedSize()
                + PART * (1 + wire.getPortsCount() + wire.getLabelsCount() + wire.getAnnotationsCount());
    }

    private static int weight(EndpointSet set) {
        int weight = PART;
        for (EndpointPort port : set.ports()) {
            weight +=
                    PART + port.name().length() + port.appProtocol().orElse("").length();
        }
        return weight;
    }

    private RefusedException tooHeavy(NamespacedName name) {
        return new RefusedException(
                Problem.LIMIT_EXCEEDED,
                "services",
                "all services together are larger than " + bounds.bytes() + " bytes; left out: " + name);
    }
}
