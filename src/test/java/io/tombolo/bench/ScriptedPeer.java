package io.tombolo.bench;

import io.tombolo.exchange.Deaf;
import io.tombolo.exchange.Exchange;
import io.tombolo.exchange.TunnelSockets;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.Transport;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.Identity;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One peer: the product's own exchange and probes, told what to say. It imports nothing. */
final class ScriptedPeer implements AutoCloseable {
    /** Its exports stand in this many namespaces of the cluster that imports them. */
    static final int NAMESPACES = 10;

    final ClusterId id;
    final Identity identity = Identity.generate();
    final PrivateKey door = PrivateKey.generate();
    final PrivateKey lane = PrivateKey.generate();
    final Endpoint endpoint;
    final Cidr pods;
    private final int number;
    private final int endpoints;
    private final int[] versions;
    private @Nullable Exchange exchange;
    private @Nullable Prober<Integer> prober;

    /**
     * @param number from 0; settles the name, the ports and the pod range
     * @param underlay where all peers are
     * @param endpoints of each service
     */
    ScriptedPeer(int number, InetAddress underlay, int services, int endpoints) {
        this.number = number;
        this.id = new ClusterId("peer-%03d".formatted(number));
        this.endpoint = new Endpoint(underlay, 20_000 + 10 * number);
        // 42 and 43 are the pods and Services of who imports
        this.pods = Cidr.parse("10." + (number < 42 ? number : number + 2) + ".0.0/16");
        this.endpoints = endpoints;
        this.versions = new int[services];
    }

    TunnelAddress address() {
        return TunnelAddress.of(identity.publicKey());
    }

    SignedAnnouncement announcement() {
        return identity.sign(new Announcement(
                id, 1, 1, 1, List.of(new Announcement.Slot(0, lane.publicKey(), 1, List.of(endpoint))), List.of(pods)));
    }

    /** Answers from now on, with everything it exports. */
    void serve(ClusterId cluster, TunnelAddress to) throws IOException {
        LocalView local = new LocalView(
                id,
                identity.publicKey(),
                endpoint.port(),
                List.of(),
                List.of(),
                List.of(pods),
                List.of(),
                List.of(),
                List.of());
        Peer importer = new Peer(cluster, to, LinkView.Access.EXPORTED_SERVICES, List.of(), List.of(), List.of());
        Exchange serving = new Exchange(0, "scripted", TunnelSockets.LANES, new Deaf());
        for (int service = 0; service < versions.length; service++) {
            serving.export(service(service));
        }
        serving.complete();
        serving.update(
                new Topology(local, new TreeMap<>(Map.of(cluster, importer)), Map.of()),
                Map.<ClusterId, Set<Integer>>of());
        exchange = serving;
        if (prober == null) {
            prober = new Prober<>("probe", () -> {});
            prober.update(
                    new InetSocketAddress(address().lane(0), Wire.PROBE_UDP_PORT),
                    Map.of(0, new Prober.Target(new InetSocketAddress(to.lane(0), Wire.PROBE_UDP_PORT), Prober.SLOW)));
        }
    }

    /**
     * Changes the first endpoint of a service: its hostname is the version, and it is ready in every other one.
     *
     * @return the version
     */
    int change(int service) {
        int version = ++versions[service];
        if (exchange != null) {
            exchange.export(service(service));
        }
        return version;
    }

    void withdraw(int service) {
        if (exchange != null) {
            exchange.withdraw(name(service));
        }
    }

    NamespacedName name(int service) {
        return new NamespacedName("team-" + service % NAMESPACES, "service-%03d-%05d".formatted(number, service));
    }

    /** The exchange alone: its lane goes on. */
    void stop() {
        if (exchange != null) {
            exchange.close();
            exchange = null;
        }
    }

    @Override
    public void close() throws IOException {
        stop();
        if (prober != null) {
            prober.close();
        }
    }

    private ExportedService service(int service) {
        int version = versions[service];
        List<ExportedService.Endpoint> members = IntStream.range(0, endpoints)
                .mapToObj(e -> e == 0
                        ? pod(service, 0, Optional.of("v" + version), version % 2 == 0)
                        : pod(service, e, Optional.empty(), true))
                .toList();
        return new ExportedService(
                name(service),
                Instant.ofEpochSecond(1_700_000_000),
                false,
                List.of(new ExportedService.Port("http", Transport.TCP, 80, Optional.empty())),
                List.of("IPv4"),
                ExportedService.SessionAffinity.NONE,
                OptionalInt.empty(),
                "Cluster",
                Optional.empty(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(new ExportedService.EndpointGroup(
                        false,
                        List.of(new ExportedService.EndpointPort("http", Transport.TCP, 8080, Optional.empty())),
                        members)));
    }

    private ExportedService.Endpoint pod(int service, int endpoint, Optional<String> hostname, boolean ready) {
        byte[] network = pods.network().getAddress();
        int address = ByteBuffer.wrap(network).getInt() + 1 + service * endpoints + endpoint;
        byte[] bytes = ByteBuffer.allocate(4).putInt(address).array();
        return new ExportedService.Endpoint(Addresses.of(bytes), hostname, ready, ready, false);
    }
}
