package io.tombolo.exchange;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Clusters that meet on 127/8: each has an identity, and its slots have loopback addresses that follow from it. */
public record Loopback(ClusterId id, IdentityKey identity) {
    public static final TunnelSockets SOCKETS = (cluster, slot) -> {
        byte[] network = cluster.network().network().getAddress();
        return new InetSocketAddress(
                literal("127." + (network[1] & 0xff) + "." + (network[2] & 0xff) + "." + (slot + 1)), 7413);
    };

    public static Loopback cluster(String id) {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        return new Loopback(new ClusterId(id), IdentityKey.of(key));
    }

    TunnelAddress address() {
        return TunnelAddress.of(identity);
    }

    InetSocketAddress socket() {
        return SOCKETS.of(address(), 0);
    }

    public Topology linkedTo(Loopback... peers) {
        LocalView local = new LocalView(
                id,
                identity,
                51820,
                List.of(),
                List.of(),
                List.of(Cidr.parse("10.42.0.0/16")),
                List.of(),
                List.of(),
                List.of());
        Map<ClusterId, Peer> sound = new TreeMap<>();
        for (Loopback peer : peers) {
            sound.put(
                    peer.id,
                    new Peer(
                            peer.id,
                            peer.address(),
                            LinkView.Access.EXPORTED_SERVICES,
                            List.of(),
                            List.of(),
                            List.of(Cidr.parse("10.52.0.0/16"))));
        }
        return new Topology(local, new TreeMap<>(sound), Map.of());
    }

    static InetAddress literal(String address) {
        return InetAddress.ofLiteral(address);
    }

    public static NamespacedName name(String name) {
        return new NamespacedName("shop", name);
    }

    /** A service of {@code endpoints} ready pods from 10.52.0.1 on. */
    public static ExportedService service(String name, int endpoints) {
        return service(
                name,
                List.of(),
                IntStream.range(0, endpoints).mapToObj(i -> pod(i, true)).toList());
    }

    public static Endpoint pod(int i, boolean ready) {
        return new Endpoint(
                literal("10.52." + ((i + 1) >> 8) + "." + ((i + 1) & 0xff)), Optional.empty(), ready, ready, false);
    }

    public static ExportedService service(String name, List<String> toClusters, List<Endpoint> endpoints) {
        List<EndpointGroup> groups = new ArrayList<>();
        if (!endpoints.isEmpty()) {
            groups.add(new EndpointGroup(
                    false, List.of(new EndpointPort("http", Transport.TCP, 8080, Optional.empty())), endpoints));
        }
        return new ExportedService(
                name(name),
                Instant.ofEpochSecond(1_700_000_000),
                false,
                List.of(new ExportedService.Port("http", Transport.TCP, 80, Optional.of("http"))),
                List.of("IPv4"),
                ExportedService.SessionAffinity.NONE,
                OptionalInt.empty(),
                "Cluster",
                Optional.empty(),
                Map.of("tier", "front"),
                Map.of(),
                toClusters,
                groups);
    }

    public static ExportedService of(List<String> ipFamilies, ExportedService service) {
        return new ExportedService(
                service.name(),
                service.created(),
                service.headless(),
                service.ports(),
                ipFamilies,
                service.sessionAffinity(),
                service.sessionAffinityTimeout(),
                service.internalTrafficPolicy(),
                service.trafficDistribution(),
                service.labels(),
                service.annotations(),
                service.toClusters(),
                service.endpoints());
    }

    /** A service of one ready pod, its labels and annotations the same. */
    public static ExportedService service(NamespacedName name, Map<String, String> labels) {
        ExportedService web = service("web", 1);
        return new ExportedService(
                name,
                web.created(),
                web.headless(),
                web.ports(),
                web.ipFamilies(),
                web.sessionAffinity(),
                web.sessionAffinityTimeout(),
                web.internalTrafficPolicy(),
                web.trafficDistribution(),
                labels,
                labels,
                web.toClusters(),
                web.endpoints());
    }
}
