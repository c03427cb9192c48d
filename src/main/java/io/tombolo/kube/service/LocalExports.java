package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.handover.NodeExports;
import io.tombolo.kube.Change;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Watched;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.firewall.ServiceSocket;
import io.tombolo.plan.service.Routing;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this cluster exports, kept current from watches: a change of one object costs the reading of its own service. Also
 * what else of the local objects decides about services: routing, namespaces, the admin's sharing.
 */
public final class LocalExports implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LocalExports.class.getName());
    private static final String KUBE_SLICES = "endpointslice-controller.k8s.io";
    private static final long SYNC_POLL_MILLIS = 20;

    /** Told on a thread of the reader's or of a watch; hand over, do not work. */
    public interface Listener {
        /** The export, or the GlobalService, of this name. */
        void exportChanged(NamespacedName name);

        /** A namespace came, went, or changed its labels. */
        void namespaceChanged(String namespace);

        /** Anything may have changed: the first reading is done, or the admin's sharing is another. */
        void everythingChanged();
    }

    private final Listener listener;
    private final ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("local-exports").factory());
    private final Set<NamespacedName> dirty = ConcurrentHashMap.newKeySet();
    private final ConcurrentMap<NamespacedName, LocalExport> exports = new ConcurrentHashMap<>();
    private final Watched<ServiceExport> serviceExports;
    private final Watched<Service> services;
    private final SliceIndex slices;
    private final Watched<Namespace> namespaces;
    private final Watched<GlobalService> globalServices;
    private final Watched<LocalCluster> localClusters;
    private final Watched<ClusterLink> links;
    private final SharingReader sharing;
    private final AtomicLong moves = new AtomicLong();
    private volatile boolean ready;

    /** Starts watching; returns at once, also while the API server is away. */
    @SuppressWarnings("this-escape") // the watches call back only to mark; the first reading waits for all of them
    public LocalExports(KubernetesClient client, Listener listener) {
        this.listener = listener;
        this.serviceExports = Watched.start(
                "serviceexports",
                client.resources(ServiceExport.class).inAnyNamespace(),
                change -> mark(ObjectNames.of(change.object())));
        // those that we derived are never exported, and there may be thousands
        this.services = Watched.start(
                "services",
                client.services().inAnyNamespace().withoutLabel(ObjectNames.DERIVED_LABEL),
                change -> mark(ObjectNames.of(change.object())));
        this.slices = new SliceIndex(client, KUBE_SLICES, "kubernetes.io/service-name", this::mark);
        this.namespaces = Watched.start(
                "namespaces",
                client.namespaces(),
                change -> markNamespace(change.object().getMetadata().getName()));
        this.globalServices = Watched.start(
                "globalservices", client.resources(GlobalService.class).inAnyNamespace(), change -> {
                    mark(ObjectNames.of(change.object()));
                    if (ready) {
                        listener.exportChanged(ObjectNames.of(change.object())); // its routing may be another
                    }
                });
        this.localClusters = Watched.start(
                "localclusters", client.resources(LocalCluster.class), Change.of(Change::spec, _ -> markAll()));
        this.links = Watched.start(
                "clusterlinks", client.resources(ClusterLink.class), Change.of(Change::spec, _ -> markAll()));
        this.sharing = new SharingReader(namespaces, localClusters, links);
        reader.execute(this::read);
    }

    /** Whether every watch has its first list and everything in it was read. */
    public boolean isSynced() {
        return ready;
    }

    public Optional<LocalExport> get(NamespacedName name) {
        return Optional.ofNullable(exports.get(name));
    }

    /** Every ServiceExport, those that were refused too. */
    public Collection<LocalExport> all() {
        return List.copyOf(exports.values());
    }

    /** Grows whenever other sockets are exported, or to others; how ready those are that stand is another matter. */
    public long moves() {
        return moves.get();
    }

    /** How the service is routed here: as its GlobalService says, evenly without one. */
    public Routing routing(NamespacedName name) {
        return RoutingReader.read(globalServices.get(name.namespace(), name.name()));
    }

    /** Whether the namespace is there, and staying. */
    public boolean namespaceExists(String namespace) {
        Namespace found = namespaces.get(null, namespace);
        return found != null && found.getMetadata().getDeletionTimestamp() == null;
    }

    /** Whether the admin lets {@code peer}'s exports into the namespace. */
    public boolean mayImport(String namespace, ClusterId peer) {
        return sharing.mayImport(namespace, peer);
    }

    /** The LocalCluster's UID, which owns every import; empty before there is one. */
    public Optional<String> localClusterUid() {
        return Optional.ofNullable(localClusters.get(null, LocalCluster.NAME))
                .map(c -> c.getMetadata().getUid());
    }

    /** ServiceExport as last seen; its status is not ours alone. */
    Optional<ServiceExport> serviceExport(NamespacedName name) {
        return Optional.ofNullable(serviceExports.get(name.namespace(), name.name()));
    }

    /** IP families of Services here, the preferred first, as Service {@code default/kubernetes} and others show. */
    public List<String> families() {
        Set<String> families = new LinkedHashSet<>();
        Service kubernetes = services.get("default", "kubernetes");
        if (kubernetes != null && kubernetes.getSpec().getIpFamilies() != null) {
            families.addAll(kubernetes.getSpec().getIpFamilies());
        }
        for (Service service : services.list()) {
            if (service.getSpec().getIpFamilies() != null
                    && !"None".equals(service.getSpec().getClusterIP())
                    && !"ExternalName".equals(service.getSpec().getType())) {
                families.addAll(service.getSpec().getIpFamilies());
            }
            if (families.size() > 1) {
                break;
            }
        }
        return List.copyOf(families);
    }

    /** What of each node's pods is exported, to whomever; nodes without any are absent. */
    public SortedMap<String, NodeExports> byNode() {
        Map<String, Set<ServiceSocket>> sockets = new TreeMap<>();
        for (LocalExport export : exports.values()) {
            export.socketsByNode().forEach((node, of) -> sockets.computeIfAbsent(node, n -> new HashSet<>())
                    .addAll(of));
        }
        SortedMap<String, NodeExports> byNode = new TreeMap<>();
        sockets.forEach((node, of) -> byNode.put(node, nodeExports(of)));
        return byNode;
    }

    private record Listening(Transport transport, int port) {}

    private static NodeExports nodeExports(Set<ServiceSocket> sockets) {
        Map<Listening, Set<InetAddress>> byPort =
                new TreeMap<>(Comparator.comparing(Listening::transport).thenComparing(Listening::port));
        for (ServiceSocket socket : sockets) {
            byPort.computeIfAbsent(
                            new Listening(socket.transport(), socket.port()),
                            l -> new TreeSet<>(Comparator.comparing(Addresses::text)))
                    .add(socket.address());
        }
        List<NodeExports.Exported> exported = new ArrayList<>();
        byPort.forEach((l, addresses) ->
                exported.add(new NodeExports.Exported(l.transport(), l.port(), List.copyOf(addresses))));
        return new NodeExports(exported);
    }

    @Override
    public void close() {
        reader.shutdownNow();
        serviceExports.close();
        services.close();
        slices.close();
        namespaces.close();
        globalServices.close();
        localClusters.close();
        links.close();
    }

    private void mark(NamespacedName name) {
        if (dirty.add(name) && ready) {
            reader.execute(this::read);
        }
    }

    private void markNamespace(String namespace) {
        if (ready) {
            listener.namespaceChanged(namespace);
            exports.keySet().stream()
                    .filter(n -> n.namespace().equals(namespace))
                    .forEach(this::mark);
        }
    }

    private void markAll() {
        if (ready) {
            listener.everythingChanged();
            exports.keySet().forEach(this::mark);
        }
    }

    private boolean watchesSynced() {
        return serviceExports.isSynced()
                && services.isSynced()
                && slices.isSynced()
                && namespaces.isSynced()
                && globalServices.isSynced()
                && localClusters.isSynced()
                && links.isSynced();
    }

    private void read() {
        if (!ready) {
            if (!watchesSynced()) {
                reader.schedule((Runnable) this::read, SYNC_POLL_MILLIS, TimeUnit.MILLISECONDS);
                return;
            }
            serviceExports.list().forEach(e -> dirty.add(ObjectNames.of(e)));
        }
        for (NamespacedName name : dirty) {
            dirty.remove(name);
            try {
                read(name);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, () -> "the export " + name + " could not be read", e);
            }
        }
        if (!ready) {
            ready = true;
            listener.everythingChanged();
            reader.execute(this::read); // what was marked while this was not yet ready
        }
    }

    private void read(NamespacedName name) {
        ServiceExport export = serviceExports.get(name.namespace(), name.name());
        LocalExport before = exports.get(name);
        LocalExport now = export == null ? null : export(name, export);
        if (now == null) {
            exports.remove(name);
        } else {
            exports.put(name, now);
        }
        if (!exposed(before).equals(exposed(now))) {
            moves.incrementAndGet();
        }
        if (!Objects.equals(before, now)) {
            listener.exportChanged(name);
        }
    }

    private static LocalExport.Exposed exposed(@Nullable LocalExport export) {
        return export == null ? LocalExport.Exposed.NOTHING : export.exposed();
    }

    private LocalExport export(NamespacedName name, ServiceExport export) {
        Optional<List<String>> audience = sharing.audience(name.namespace(), toClusters(name));
        return ExportReader.read(
                export,
                services.get(name.namespace(), name.name()),
                slices.of(name),
                audience.orElse(List.of()),
                audience.isPresent());
    }

    private List<String> toClusters(NamespacedName name) {
        GlobalService global = globalServices.get(name.namespace(), name.name());
        return global == null
                        || global.getSpec() == null
                        || global.getSpec().export() == null
                        || global.getSpec().export().toClusters() == null
                ? List.of()
                : global.getSpec().export().toClusters();
    }
}
