package io.tombolo.services;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.exchange.PeerExports;
import io.tombolo.kube.NotTheWriterException;
import io.tombolo.kube.service.ExportStatusApplier;
import io.tombolo.kube.service.ForeignObjectException;
import io.tombolo.kube.service.ImportApplier;
import io.tombolo.kube.service.ImportedObjects;
import io.tombolo.kube.service.LocalExport;
import io.tombolo.kube.service.LocalExports;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.Export;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.PeerExportCheck;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.plan.service.ServicePlanner;
import io.tombolo.plan.service.ServiceView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Territory;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Writes the imports, while this gateway holds the Lease. Level-triggered per service: {@link #changed} says that
 * something about a service may be different, and a pass makes its objects what they should be now.
 */
public final class Importer implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Importer.class.getName());
    /** More would only make the API server queue. */
    private static final int WORKERS = 8;

    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 60_000;
    /** An object in our way is its owner's to move. */
    private static final long FOREIGN_RETRY_MILLIS = 30_000;

    /**
     * Where the importer looks and writes.
     *
     * @param peers what each peer exports, as the exchange holds it
     */
    public record Sources(
            Function<ClusterId, Optional<PeerExports>> peers,
            LocalExports local,
            ImportedObjects observed,
            ImportApplier imports,
            ExportStatusApplier statuses) {}

    private final Sources sources;
    private final ServiceQueue queue = new ServiceQueue(WORKERS, this::pass);
    private final LeftOut leftOut = new LeftOut();
    private volatile Network network;

    private record Network(Topology topology, Set<ClusterId> live, Territory territory) {
        static Network of(Topology topology, Set<ClusterId> live) {
            return new Network(topology, Set.copyOf(live), new Territory(topology));
        }
    }

    /** @param live peers that a lane of ours, of whichever slot, reaches now */
    public Importer(Sources sources, Topology topology, Set<ClusterId> live) {
        this.sources = sources;
        this.network = Network.of(topology, live);
        everythingChanged();
    }

    /** Follows prefixes and liveness; plans again what a peer whose state changed exports. */
    public void update(Topology topology, Set<ClusterId> live) {
        Network before = network;
        if (before.topology().equals(topology) && before.live().equals(live)) {
            return;
        }
        Network now = Network.of(topology, live);
        network = now;
        leftOut.retain(topology.peers().keySet());
        Set<ClusterId> either = new TreeSet<>(before.topology().peers().keySet());
        either.addAll(topology.peers().keySet());
        boolean gone =
                !topology.peers().keySet().containsAll(before.topology().peers().keySet());
        if (gone
                || !before.topology()
                        .local()
                        .clusterId()
                        .equals(topology.local().clusterId())) {
            everythingChanged();
            return;
        }
        for (ClusterId peer : either) {
            if (before.live().contains(peer) && !now.live().contains(peer)) {
                withdraw(peer);
            }
            if (!prefixes(before, peer).equals(prefixes(now, peer))
                    || before.live().contains(peer) != now.live().contains(peer)) {
                sources.peers().apply(peer).ifPresent(p -> p.names().forEach(queue::add));
            }
        }
    }

    /** Ahead of all passes: while endpoints of a dead peer receive traffic, connections to them are silent. */
    private void withdraw(ClusterId peer) {
        queue.first(sources.imports().withdrawals(peer).stream()
                .map(withdrawal -> (Runnable) () -> {
                    if (!network.live().contains(peer)) { // still
                        withdrawal.run();
                    }
                })
                .toList());
    }

    /** Something about the service may be different. */
    public void changed(NamespacedName name) {
        queue.add(name);
    }

    /** Something about every service of the namespace may be different. */
    public void namespaceChanged(String namespace) {
        all().stream().filter(n -> n.namespace().equals(namespace)).forEach(queue::add);
    }

    /** A first snapshot is the end of what was remembered of a peer: what it does not name is withdrawn. */
    public void heard(ClusterId peer) {
        if (sources.peers().apply(peer).filter(PeerExports::complete).isPresent()) {
            sources.observed().importedFrom(peer).forEach(queue::add);
        }
    }

    /** Every service that is exported anywhere, or of which something stands here. */
    public void everythingChanged() {
        all().forEach(queue::add);
    }

    /** Services that wait for their pass or are in it. */
    public int pending() {
        return queue.size();
    }

    /** What of the peer's exports is not used here: one finding for each problem. */
    public List<Finding> leftOut(ClusterId peer) {
        return leftOut.of(peer);
    }

    /** The plan of one service as of now: what this importer would make so. */
    public ServicePlan plan(NamespacedName name) {
        return ServicePlanner.plan(view(name, sources.observed().clusterIps(name)));
    }

    @Override
    public void close() {
        queue.close();
    }

    private Set<NamespacedName> all() {
        Set<NamespacedName> names = new TreeSet<>(sources.observed().names());
        sources.local().all().forEach(e -> names.add(e.name()));
        for (ClusterId peer : network.topology().peers().keySet()) {
            sources.peers().apply(peer).ifPresent(p -> names.addAll(p.names()));
        }
        return names;
    }

    private long pass(NamespacedName name, int failures) {
        try {
            if (!sources.local().isSynced() || !sources.observed().isSynced()) {
                return FIRST_RETRY_MILLIS; // until then an absent object means nothing
            }
            ServiceView view = view(name, sources.observed().clusterIps(name));
            ServicePlan plan = ServicePlanner.plan(view);
            Optional<LocalExport> export = sources.local().get(name);
            if (export.isPresent()) {
                sources.statuses().apply(export.get(), plan);
            }
            Optional<String> owner = sources.local().localClusterUid();
            if (owner.isEmpty()) {
                return 0; // no LocalCluster, no imports: what stands goes with its owner
            }
            List<String> written =
                    sources.imports().apply(plan, owner.get(), ips -> ServicePlanner.plan(withIps(view, ips)));
            if (!written.isEmpty()) {
                LOG.log(System.Logger.Level.DEBUG, () -> name + ": " + written);
            }
            return 0;
        } catch (NotTheWriterException e) {
            return FIRST_RETRY_MILLIS; // it is ours again soon, or this importer is closed
        } catch (ForeignObjectException e) {
            LOG.log(System.Logger.Level.WARNING, () -> name + ": " + e.getMessage());
            return FOREIGN_RETRY_MILLIS;
        } catch (KubernetesClientException e) {
            LOG.log(System.Logger.Level.WARNING, () -> name + ": the API server says: " + e.getMessage());
            return retryMillis(failures);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, () -> name + ": a pass failed; the others go on", e);
            return retryMillis(failures);
        }
    }

    private ServiceView view(NamespacedName name, List<InetAddress> clusterIps) {
        Network now = network;
        ClusterId local = now.topology().local().clusterId();
        List<Export> exports = new ArrayList<>();
        sources.local()
                .get(name)
                .flatMap(LocalExport::service)
                .ifPresent(s -> exports.add(new Export(local, s, true, true)));
        for (Map.Entry<ClusterId, Peer> peer : now.topology().peers().entrySet()) {
            ClusterId id = peer.getKey();
            Optional<PeerExportCheck.Accepted> accepted =
                    offered(name, id).map(s -> PeerExportCheck.check(s, id, now.territory()));
            Optional<Finding> unwanted = unwanted(name, id);
            leftOut.note(
                    id,
                    name,
                    accepted.map(a -> unwanted.map(List::of).orElse(a.findings()))
                            .orElse(List.of()));
            accepted.flatMap(PeerExportCheck.Accepted::service)
                    .ifPresent(s -> exports.add(new Export(
                            id, s, now.live().contains(id), sources.local().mayImport(name.namespace(), id))));
        }
        return new ServiceView(
                local,
                name,
                exports,
                sources.local().routing(name),
                sources.local().namespaceExists(name.namespace()),
                families(now.topology().local()),
                clusterIps);
    }

    /** What Services have shows no second family before one of them has it; which one is preferred nothing else shows. */
    private List<String> families(LocalView local) {
        Set<String> families = new LinkedHashSet<>(sources.local().families());
        local.serviceCidrs().forEach(cidr -> families.add(cidr.isIpv4() ? "IPv4" : "IPv6"));
        return List.copyOf(families);
    }

    /** Why nothing of the service can stand here, whatever is in it. */
    private Optional<Finding> unwanted(NamespacedName name, ClusterId peer) {
        String why;
        if (!sources.local().namespaceExists(name.namespace())) {
            why = "there is no such namespace here";
        } else if (!sources.local().mayImport(name.namespace(), peer)) {
            why = "spec.sharing.imports does not choose its namespace";
        } else {
            return Optional.empty();
        }
        return Optional.of(
                Finding.of(Problem.NAMESPACE_NOT_ACCEPTED, "metadata.namespace", name + " is not imported: " + why));
    }

    /** Until a peer was heard whole, what stands of it counts: that it does not name a service means nothing yet. */
    private Optional<ExportedService> offered(NamespacedName name, ClusterId peer) {
        Optional<PeerExports> heard = sources.peers().apply(peer);
        return heard.filter(PeerExports::complete).isPresent()
                ? heard.flatMap(p -> p.service(name))
                : sources.observed().remembered(name, peer);
    }

    private static ServiceView withIps(ServiceView view, List<InetAddress> ips) {
        return new ServiceView(
                view.local(),
                view.name(),
                view.exports(),
                view.routing(),
                view.namespaceExists(),
                view.localFamilies(),
                ips);
    }

    private static List<Cidr> prefixes(Network network, ClusterId peer) {
        Peer found = network.topology().peers().get(peer);
        return found == null ? List.of() : found.prefixes();
    }

    private static long retryMillis(int failures) {
        long ceiling = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures, 10));
        return ceiling / 2 + ThreadLocalRandom.current().nextLong(ceiling / 2 + 1);
    }
}
