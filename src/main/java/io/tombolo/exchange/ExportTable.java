package io.tombolo.exchange;

import io.tombolo.exchange.wire.EndpointsChanged;
import io.tombolo.exchange.wire.Service;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
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

    private static final class Row {
        /** Until the shape has come the service is not there for readers. */
        @Nullable
        ExportedService shape;

        final Map<EndpointSet, Map<InetAddress, Endpoint>> sets = new LinkedHashMap<>();
        int endpoints;
    }

    /** Of the sender: numbers of another instance mean nothing. */
    final String instance;

    long sequence;
    private final Bounds bounds;
    private final Map<NamespacedName, Row> rows = new HashMap<>();
    private final Map<Problem, Finding> findings = new EnumMap<>(Problem.class);
    private int endpoints;
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
        return List.copyOf(findings.values());
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
            moves += row.shape == null ? 1 : 0; // its endpoints were there before it, and nobody saw them
            row.shape = shape;
            return Set.of(shape.name());
        } catch (RefusedException e) {
            return report(e);
        }
    }

    Set<NamespacedName> remove(io.tombolo.exchange.wire.ServiceName wire) {
        try {
            NamespacedName name = WireReader.name(wire);
            Row gone = rows.remove(name);
            endpoints -= gone == null ? 0 : gone.endpoints;
            moves++;
            return Set.of(name);
        } catch (RefusedException e) {
            return report(e);
        }
    }

    /** Endpoints that are refused are left out one by one; the rest is taken. */
    Set<NamespacedName> change(EndpointsChanged wire) {
        try {
            NamespacedName name = WireReader.name(wire.getName());
            EndpointSet set = WireReader.set(name, wire.getIpv6(), wire.getPortsList());
            Row row = row(name);
            Map<InetAddress, Endpoint> members = row.sets.get(set);
            if (members == null) {
                if (row.sets.size() >= MOST_SETS) {
                    throw new RefusedException(
                            Problem.LIMIT_EXCEEDED,
                            "endpoints.ports",
                            name + " has more than " + MOST_SETS + " port sets");
                }
                members = new LinkedHashMap<>();
                row.sets.put(set, members);
            }
            for (io.tombolo.exchange.wire.Endpoint endpoint : wire.getUpsertedList()) {
                upsert(name, row, set, members, endpoint);
            }
            for (com.google.protobuf.ByteString address : wire.getRemovedList()) {
                if (members.remove(WireReader.address(name, set.ipv6(), address)) != null) {
                    row.endpoints--;
                    endpoints--;
                    moves++;
                }
            }
            if (members.isEmpty()) {
                row.sets.remove(set);
            }
            return Set.of(name);
        } catch (RefusedException e) {
            return report(e);
        }
    }

    private void upsert(
            NamespacedName name,
            Row row,
            EndpointSet set,
            Map<InetAddress, Endpoint> members,
            io.tombolo.exchange.wire.Endpoint wire) {
        try {
            Endpoint endpoint = WireReader.endpoint(name, set.ipv6(), wire);
            if (members.containsKey(endpoint.address())) {
                members.put(endpoint.address(), endpoint);
            } else if (row.endpoints >= bounds.endpointsPerService() || endpoints >= bounds.endpoints()) {
                throw new RefusedException(
                        Problem.LIMIT_EXCEEDED,
                        "endpoints",
                        name + " has more than " + bounds.endpointsPerService()
                                + " endpoints, or the cluster more than " + bounds.endpoints());
            } else {
                members.put(endpoint.address(), endpoint);
                row.endpoints++;
                endpoints++;
                moves++;
            }
        } catch (RefusedException e) {
            report(e);
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

    private Set<NamespacedName> report(RefusedException e) {
        findings.put(e.finding().problem(), e.finding());
        return Set.of();
    }
}
