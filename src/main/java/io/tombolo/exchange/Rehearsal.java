package io.tombolo.exchange;

import io.tombolo.exchange.wire.WatchRequest;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Problem;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A gateway that tells itself of one service, over the loopback interface, while it has no peer. A JVM that has never
 * spoken gRPC takes a second of a busy machine to do so first, and that would be a second of the first link. On the exchange's
 * thread only; nothing of it stays, and nothing depends on it.
 */
final class Rehearsal {
    private static final System.Logger LOG = System.getLogger(Rehearsal.class.getName());

    private static final ClusterId SELF = new ClusterId("rehearsal");
    private static final NamespacedName SERVICE = new NamespacedName("rehearsal", "web");
    private static final long LIMIT_MILLIS = 5_000;

    private final ExportLedger ledger = new ExportLedger();
    private final ExchangeServer server;
    private final PeerStream stream;
    private volatile boolean played;

    private Rehearsal(ExchangeThread thread, Bounds bounds) {
        Part part = new Part();
        server = new ExchangeServer(thread, part);
        stream = new PeerStream(thread, part, new HeldExports(SELF, bounds), bounds);
        ledger.put(service());
    }

    static Rehearsal begin(ExchangeThread thread, Bounds bounds) {
        Rehearsal rehearsal = new Rehearsal(thread, bounds);
        try {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            rehearsal.server.bind(new InetSocketAddress(loopback, 0));
            rehearsal.stream.aim(
                    new InetSocketAddress(loopback, 0), new InetSocketAddress(loopback, rehearsal.server.port()));
            thread.schedule(rehearsal::end, LIMIT_MILLIS);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the first peer takes longer: {0}", e.getMessage());
        }
        return rehearsal;
    }

    /** Whether the service was told, and nothing listens any more. */
    boolean isOver() {
        return played && server.port() < 0;
    }

    private void end() {
        stream.close();
        server.unbind();
    }

    private static ExportedService service() {
        EndpointPort port = new EndpointPort("http", Transport.TCP, 8080, Optional.empty());
        // an address of documentation, RFC 5737 section 3
        Endpoint endpoint = new Endpoint(Addresses.parse("192.0.2.1"), Optional.empty(), true, true, false);
        return new ExportedService(
                SERVICE,
                Instant.EPOCH,
                false,
                List.of(new ExportedService.Port("http", Transport.TCP, 80, Optional.of("http"))),
                List.of("IPv4"),
                ExportedService.SessionAffinity.NONE,
                OptionalInt.empty(),
                "Cluster",
                Optional.empty(),
                Map.of(),
                Map.of(),
                List.of(),
                List.of(new EndpointGroup(false, List.of(port), List.of(endpoint))));
    }

    /** Both ends. */
    private final class Part implements ExchangeServing, PeerStream.Home {
        @Override
        public ClusterId clusterId() {
            return SELF;
        }

        @Override
        public String instance() {
            return "rehearsal";
        }

        @Override
        public String version() {
            return "";
        }

        @Override
        public ExportLedger ledger() {
            return ledger;
        }

        @Override
        public boolean behind() {
            return false;
        }

        @Override
        public Optional<SignedAnnouncement> announcement() {
            return Optional.empty();
        }

        @Override
        public Optional<ClusterId> peerAt(InetAddress source) {
            return Optional.of(SELF);
        }

        @Override
        public WatchRequest.Builder request() {
            return WatchRequest.newBuilder()
                    .setClusterId(SELF.value())
                    .setProtocolMin(Wire.PROTOCOL)
                    .setProtocolMax(Wire.PROTOCOL);
        }

        @Override
        public void streamChanged(HeldExports peer) {
            if (peer.service(SERVICE).isPresent()) {
                end();
                played = true;
            }
        }

        @Override
        public void heard(ClusterId peer, io.tombolo.exchange.wire.SignedAnnouncement announcement) {}

        @Override
        public void heard(HeldExports peer, io.tombolo.exchange.wire.SignedAnnouncement announcement) {}

        @Override
        public void refused(ClusterId peer, Problem problem, String why) {}

        @Override
        public void changed(HeldExports peer, Set<NamespacedName> names) {}
    }
}
