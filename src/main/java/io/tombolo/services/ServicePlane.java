package io.tombolo.services;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.exchange.Exchange;
import io.tombolo.exchange.ExchangeListener;
import io.tombolo.exchange.PeerExports;
import io.tombolo.exchange.TunnelSockets;
import io.tombolo.kube.Applier;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.WriterLease;
import io.tombolo.kube.service.ExportStatusApplier;
import io.tombolo.kube.service.ImportApplier;
import io.tombolo.kube.service.ImportedObjects;
import io.tombolo.kube.service.LocalExport;
import io.tombolo.kube.service.LocalExports;
import io.tombolo.net.Aliases;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.SignedAnnouncement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything a gateway does about services: exports ours to every peer, hears theirs, and writes imports while it holds
 * the Lease. Methods may be called from any thread and return at once.
 */
public final class ServicePlane implements AutoCloseable {
    /** Three times as long as the API server is left alone. */
    private static final Duration BEHIND = Duration.ofSeconds(6);

    private final KubernetesClient client;
    private final Listener listener;
    private final Exchange exchange;
    private final LocalExports local;
    private final WriterLease lease;
    private final FromHere here = new FromHere();
    private volatile Aliases aliases = Aliases.NONE;
    private @Nullable Topology topology;
    private Set<ClusterId> live = Set.of();
    private long epoch = -1;
    private @Nullable Writer writer;

    /** What the gateway is told. Called on threads of the plane's: hand over, do not work. */
    public interface Listener {
        /** What the peer says of itself over the exchange, unverified. */
        void announced(ClusterId peer, SignedAnnouncement announcement);

        /** What may be spoken to across links may be different: exports of ours, or of a peer. */
        void exposureChanged();

        /** The stream to the peer is another, or the peer was heard whole; see {@link #peer}. */
        void peerChanged(ClusterId peer);
    }

    /**
     * @param slot ours, 0-7
     * @param version of this software
     * @param pod who we are among those who contend for the Lease
     * @param namespace where the Lease is
     */
    public record Self(int slot, String version, String pod, String namespace) {}

    private record Writer(Importer importer, ImportedObjects observed) {
        void close() {
            importer.close();
            observed.close();
        }
    }

    public ServicePlane(KubernetesClient client, Self self, Listener listener) {
        this(client, self, TunnelSockets.LANES, listener);
    }

    @SuppressWarnings("this-escape") // callbacks only hand over, and wait for the lock that publishes us
    ServicePlane(KubernetesClient client, Self self, TunnelSockets sockets, Listener listener) {
        synchronized (this) {
            this.client = client;
            this.listener = listener;
            this.exchange = new Exchange(self.slot(), self.version(), sockets, new FromPeers());
            this.local = new LocalExports(client, here);
            this.lease = new WriterLease(
                    client, self.namespace(), ObjectNames.IMPORTER_LEASE, self.pod(), this::lead, this::follow);
            exchange.behindWhile(() -> lease.silence().compareTo(BEHIND) > 0);
        }
    }

    /** @param reached slots of each peer that our lanes reach now */
    public void update(Topology now, Map<ClusterId, ? extends Set<Integer>> reached) {
        if (!aliases.equals(now.local().aliases())) {
            aliases = now.local().aliases();
            here.exportAll(); // before any peer is spoken to under the other addresses
        }
        exchange.update(now, reached);
        synchronized (this) {
            topology = now;
            Set<ClusterId> alive = new HashSet<>();
            reached.forEach((peer, slots) -> {
                if (!slots.isEmpty()) {
                    alive.add(peer);
                }
            });
            live = Set.copyOf(alive);
            if (writer != null) {
                writer.importer().update(now, live);
            } else {
                startWriting();
            }
        }
    }

    /** Our own newest announcement, for every peer. */
    public void announce(SignedAnnouncement announcement) {
        exchange.announce(announcement);
    }

    /** What this cluster exports. */
    public LocalExports local() {
        return local;
    }

    /** What the peer exports; empty for a cluster that is no peer. */
    public Optional<PeerExports> peer(ClusterId peer) {
        return exchange.peer(peer);
    }

    /** What of the peer's exports was refused or is left out here, a few words on each problem, the worst first; that it is late is none. */
    public List<Finding> findings(ClusterId peer) {
        List<Finding> findings = new ArrayList<>();
        exchange.peer(peer).ifPresent(exports -> findings.addAll(exports.findings()));
        onImporter(importer -> findings.addAll(importer.leftOut(peer)));
        findings.removeIf(f -> f.problem() == Problem.STALE);
        findings.sort(
                Comparator.comparing((Finding f) -> f.problem().severity()).reversed());
        return List.copyOf(findings);
    }

    /** Whether this gateway writes imports now, and so also {@code ClusterLink.status.peer}. */
    public synchronized boolean writes() {
        return writer != null && lease.holds(epoch);
    }

    /** Leaves writing to another gateway for good; all else goes on. */
    public void stopWriting() {
        lease.close();
        follow();
    }

    @Override
    public void close() {
        stopWriting();
        exchange.close();
        local.close();
    }

    private synchronized void lead(long transitions) {
        epoch = transitions;
        startWriting();
    }

    private synchronized void follow() {
        epoch = -1;
        if (writer != null) {
            writer.close();
            writer = null;
        }
    }

    private void startWriting() {
        Topology now = topology;
        if (epoch < 0 || now == null || writer != null) {
            return;
        }
        long held = epoch;
        Applier applier = new Applier(client, ObjectNames.IMPORTER_MANAGER, () -> lease.holds(held));
        ImportedObjects observed = new ImportedObjects(client, name -> onImporter(i -> i.changed(name)));
        Importer importer = new Importer(
                new Importer.Sources(
                        exchange::peer,
                        local,
                        observed,
                        new ImportApplier(client, applier, observed, held),
                        new ExportStatusApplier(applier, local, Clock.systemUTC())),
                now,
                live);
        writer = new Writer(importer, observed);
    }

    private void onImporter(Consumer<Importer> action) {
        Writer now;
        synchronized (this) {
            now = writer;
        }
        if (now != null) {
            action.accept(now.importer());
        }
    }

    private final class FromPeers implements ExchangeListener {
        /** As last told; on the exchange's thread only. */
        private final Map<ClusterId, Long> moves = new HashMap<>();

        @Override
        public void changed(ClusterId peer, Set<NamespacedName> names) {
            onImporter(i -> names.forEach(i::changed));
            long now = exchange.peer(peer).map(PeerExports::moves).orElse(-1L);
            if (!Long.valueOf(now).equals(moves.put(peer, now))) {
                listener.exposureChanged();
            }
        }

        @Override
        public void announced(ClusterId peer, SignedAnnouncement announcement) {
            listener.announced(peer, announcement);
        }

        @Override
        public void streamChanged(ClusterId peer) {
            onImporter(i -> i.heard(peer));
            listener.peerChanged(peer);
        }
    }

    private final class FromHere implements LocalExports.Listener {
        private final AtomicLong moves = new AtomicLong();

        @Override
        public void exportChanged(NamespacedName name) {
            export(name);
            onImporter(i -> i.changed(name));
            long now = reader().moves();
            if (moves.getAndSet(now) != now) {
                listener.exposureChanged();
            }
        }

        @Override
        public void namespaceChanged(String namespace) {
            onImporter(i -> i.namespaceChanged(namespace));
        }

        @Override
        public void everythingChanged() {
            exportAll();
            exchange.complete();
            onImporter(Importer::everythingChanged);
            listener.exposureChanged();
        }

        void exportAll() {
            reader().all().forEach(e -> export(e.name()));
        }

        /** One at a time: what was read later must be said later. */
        private void export(NamespacedName name) {
            LocalExports reader = reader();
            synchronized (exchange) {
                reader.get(name)
                        .flatMap(LocalExport::service)
                        .map(service -> service.under(aliases))
                        .ifPresentOrElse(exchange::export, () -> exchange.withdraw(name));
            }
        }

        /** It calls back from its own constructor's threads: wait until ours is done. */
        private LocalExports reader() {
            synchronized (ServicePlane.this) {
                return local;
            }
        }
    }
}
