package io.tombolo.plan.service;

import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.ServicePlan.Slice;
import io.tombolo.plan.service.ServicePlan.SliceKind;
import io.tombolo.plan.service.Traffic.Way;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Cuts endpoints into EndpointSlices. An endpoint's slice follows from its address alone, so that one endpoint more or
 * less changes one slice, whatever the service's size.
 */
final class SlicePlanner {
    /** As kube's own controller fills slices. */
    private static final int TYPICAL = 100;
    /** The API server refuses more. */
    private static final int MOST = 1000;

    private SlicePlanner() {}

    /** What {@code export} exports, unfiltered. */
    static List<Slice> exported(NamespacedName name, Export export, boolean headless) {
        List<Slice> slices = new ArrayList<>();
        for (EndpointGroup group : export.service().endpoints()) {
            List<Endpoint> endpoints = headless ? named(group.endpoints()) : group.endpoints();
            slices.addAll(cut(
                    name.name() + "-" + export.cluster(), SliceKind.EXPORTED, export, group, group.ports(), endpoints));
        }
        return slices;
    }

    /** The part of {@code export} that receives traffic now, its ports renamed to the union's. */
    static List<Slice> receiving(String derivedName, Export export, Traffic traffic, List<Port> union) {
        List<Slice> slices = new ArrayList<>();
        for (EndpointGroup group : export.service().endpoints()) {
            Set<InetAddress> own = new HashSet<>();
            group.endpoints().forEach(e -> own.add(e.address()));
            // ports of which the same endpoints rest share their slices
            Map<Set<InetAddress>, List<EndpointPort>> byResting = new LinkedHashMap<>();
            for (Port port : union) {
                Way way = new Way(port, group.ipv6());
                if (traffic.receives(export.cluster(), way)) {
                    Set<InetAddress> resting = new HashSet<>(traffic.resting(export.cluster(), way));
                    resting.retainAll(own);
                    receivingPort(export.service(), group, port).ifPresent(p -> byResting
                            .computeIfAbsent(resting, r -> new ArrayList<>())
                            .add(p));
                }
            }
            byResting.forEach((resting, ports) -> slices.addAll(cut(
                    derivedName + "-" + export.cluster(),
                    SliceKind.RECEIVING,
                    export,
                    group,
                    ports,
                    group.endpoints().stream()
                            .filter(e -> !resting.contains(e.address()))
                            .toList())));
        }
        return slices;
    }

    private static Optional<EndpointPort> receivingPort(ExportedService service, EndpointGroup group, Port port) {
        return TrafficPlanner.exposed(service, port)
                .flatMap(own -> group.ports().stream()
                        .filter(p -> TrafficPlanner.serves(p, own))
                        .findFirst())
                .map(p -> new EndpointPort(port.name(), p.transport(), p.port(), port.appProtocol()));
    }

    private static List<Slice> cut(
            String prefix,
            SliceKind kind,
            Export export,
            EndpointGroup group,
            List<EndpointPort> ports,
            List<Endpoint> endpoints) {
        List<EndpointPort> ordered =
                ports.stream().sorted(Comparator.comparing(EndpointPort::name)).toList();
        // each part apart: service `a-b` of cluster `c` is not service `a` of cluster `b-c`
        String hash = Names.hash(
                export.service().name() + "/" + export.cluster() + "/" + kind + "/" + group.ipv6() + ordered);
        List<List<Endpoint>> buckets = buckets(endpoints);
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < buckets.size(); i++) {
            if (!buckets.get(i).isEmpty()) {
                String name = prefix + "-" + hash + (i == 0 ? "" : "-" + i);
                slices.add(new Slice(name, kind, export.cluster(), group.ipv6(), ordered, buckets.get(i)));
            }
        }
        return slices;
    }

    /** As many buckets as keep {@link #TYPICAL} on average; doubling splits each in two and moves nothing else. */
    private static List<List<Endpoint>> buckets(List<Endpoint> endpoints) {
        int count = 1;
        while (endpoints.size() > count * TYPICAL) {
            count *= 2;
        }
        List<List<Endpoint>> buckets = split(endpoints, count);
        // addresses chosen to collide only cost their exporter more slices
        while (buckets.stream().anyMatch(b -> b.size() > MOST)) {
            count *= 2;
            buckets = split(endpoints, count);
        }
        return buckets;
    }

    private static List<List<Endpoint>> split(List<Endpoint> endpoints, int count) {
        List<List<Endpoint>> buckets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            buckets.add(new ArrayList<>());
        }
        endpoints.stream()
                .sorted(Comparator.comparing(e -> e.address().getAddress(), Arrays::compareUnsigned))
                .forEach(e -> buckets.get(spread(e.address()) & (count - 1)).add(e));
        return buckets;
    }

    /** A bijection on the low 32 bits of an address, so that enough doublings part any two IPv4 addresses. */
    private static int spread(InetAddress address) {
        int h = 0;
        for (byte b : address.getAddress()) {
            h = h * 0x01000193 + (b & 0xff);
        }
        h ^= h >>> 16;
        h *= 0x85ebca6b;
        h ^= h >>> 13;
        return h;
    }

    /** Every endpoint of a headless service has a name; without a hostname it is the address with dashes. */
    private static List<Endpoint> named(List<Endpoint> endpoints) {
        return endpoints.stream()
                .map(e -> e.hostname().isPresent()
                        ? e
                        : new Endpoint(
                                e.address(), Optional.of(dashed(e.address())), e.ready(), e.serving(), e.terminating()))
                .toList();
    }

    private static String dashed(InetAddress address) {
        String text = Addresses.text(address).replace('.', '-').replace(':', '-');
        return (text.startsWith("-") ? "0" : "") + text + (text.endsWith("-") ? "0" : "");
    }
}
