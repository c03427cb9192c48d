package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ApiServerReader;
import io.tombolo.kube.Change;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Slices;
import io.tombolo.kube.Watched;
import io.tombolo.kube.service.LocalExports;
import io.tombolo.net.NamespacedName;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the API says, watched once for all reconcilers: each of them plans over everything, and an informer of JOSDK
 * belongs to one controller, so every kind would be held as often as there are controllers.
 */
public final class World implements AutoCloseable {
    /** The slice that the API servers keep of themselves in namespace {@code default}. */
    static final String API_SERVER = "kubernetes";

    private final Map<Class<?>, Watched<?>> watched = new LinkedHashMap<>();
    private final Map<Class<?>, List<Consumer<Change<?>>>> listeners = new ConcurrentHashMap<>();
    private final Watched<EndpointSlice> slices;
    private final Watched<EndpointSlice> apiServer;
    private final LocalExports exports;

    /** Starts to watch, and returns at once. */
    public World(KubernetesClient client) {
        String namespace = ObjectNames.namespace();
        watch(LocalCluster.class, "localclusters", client.resources(LocalCluster.class));
        watch(ClusterLink.class, "clusterlinks", client.resources(ClusterLink.class));
        watch(
                GlobalService.class,
                "globalservices",
                client.resources(GlobalService.class).inAnyNamespace());
        watch(Node.class, "nodes", client.nodes());
        watch(Service.class, "services", client.services().inAnyNamespace());
        slices = Watched.startIndexed(
                "endpointslices",
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inAnyNamespace()
                        .withLabel(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY),
                slice -> importOf(slice).map(NamespacedName::toString).stream().toList(),
                Slices::trim,
                change -> tell(EndpointSlice.class, change));
        watched.put(EndpointSlice.class, slices);
        apiServer = Watched.start(
                "default/kubernetes",
                client.discovery().v1().endpointSlices().inNamespace("default").withField("metadata.name", API_SERVER),
                change -> tell(EndpointSlice.class, change));
        exports = new LocalExports(client, new ExportsListener());
        watch(Pod.class, "pods", client.pods().inNamespace(namespace));
        watch(Secret.class, "secrets", client.secrets().inNamespace(namespace));
        watch(ConfigMap.class, "configmaps", client.configMaps().inNamespace(namespace));
        watch(StatefulSet.class, "statefulsets", client.apps().statefulSets().inNamespace(namespace));
        watch(DaemonSet.class, "daemonsets", client.apps().daemonSets().inNamespace(namespace));
        watch(Deployment.class, "deployments", client.apps().deployments().inNamespace(namespace));
    }

    /** Whether every kind was listed once: before, an absent object says nothing. */
    public boolean isSynced() {
        return watched.values().stream().allMatch(Watched::isSynced) && apiServer.isSynced() && exports.isSynced();
    }

    public <T extends HasMetadata> List<T> list(Class<T> kind) {
        return of(kind).list();
    }

    /** An object of a cluster-scoped kind. */
    public <T extends HasMetadata> Optional<T> get(Class<T> kind, String name) {
        return Optional.ofNullable(of(kind).get(null, name));
    }

    public <T extends HasMetadata> Optional<T> get(Class<T> kind, String namespace, String name) {
        return Optional.ofNullable(of(kind).get(namespace, name));
    }

    /** An object of ours in our own namespace. */
    public <T extends HasMetadata> Optional<T> own(Class<T> kind, String name) {
        return get(kind, ObjectNames.namespace(), name);
    }

    /** The import for which we made this slice or Service; empty for every other object. */
    public static Optional<NamespacedName> importOf(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        String service = labels == null ? null : labels.get(ObjectNames.SERVICE_LABEL);
        return Optional.ofNullable(service)
                .map(name -> new NamespacedName(object.getMetadata().getNamespace(), name));
    }

    /** Our slices of an import. */
    public List<EndpointSlice> slicesOf(NamespacedName service) {
        return slices.indexed(service.toString());
    }

    /** What this cluster exports. */
    public LocalExports exports() {
        return exports;
    }

    /** Where the API servers of this cluster answer. */
    public List<InetAddress> apiServers() {
        EndpointSlice slice = apiServer.get("default", API_SERVER);
        return slice == null ? List.of() : ApiServerReader.read(List.of(slice));
    }

    /** Whether this slice says where the API servers are. */
    public static boolean isApiServer(EndpointSlice slice) {
        return slice.getMetadata().getName().equals(API_SERVER)
                && slice.getMetadata().getNamespace().equals("default");
    }

    /** The one LocalCluster. */
    public Optional<LocalCluster> localCluster() {
        return get(LocalCluster.class, ObjectNames.LOCAL_CLUSTER);
    }

    /** Calls {@code listener} with every object of the kind that comes, changes or goes: hand over, do not work. */
    public void onChange(Class<? extends HasMetadata> kind, Consumer<Change<?>> listener) {
        listeners.computeIfAbsent(kind, k -> new CopyOnWriteArrayList<>()).add(listener);
    }

    /** Undoes {@link #onChange}. */
    public void forget(Class<? extends HasMetadata> kind, Consumer<Change<?>> listener) {
        listeners.getOrDefault(kind, List.of()).remove(listener);
    }

    @Override
    public void close() {
        watched.values().forEach(Watched::close);
        apiServer.close();
        exports.close();
    }

    private <T extends HasMetadata> void watch(
            Class<T> kind, String what, FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> source) {
        watched.put(kind, Watched.start(what, source, change -> tell(kind, change)));
    }

    private void tell(Class<?> kind, Change<?> change) {
        listeners.getOrDefault(kind, List.of()).forEach(listener -> listener.accept(change));
    }

    /** Changes of exports as changes of their ServiceExports: by name, for that is all a listener looks at. */
    private final class ExportsListener implements LocalExports.Listener {
        @Override
        public void exportChanged(NamespacedName name) {
            ServiceExport export = new ServiceExport();
            export.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(name.namespace())
                    .withName(name.name())
                    .build());
            tell(ServiceExport.class, new Change<>(null, export));
        }

        @Override
        public void namespaceChanged(String namespace) {
            // what it means for an export is told by exportChanged
        }

        @Override
        public void everythingChanged() {
            exports.all().forEach(export -> exportChanged(export.name()));
        }
    }

    @SuppressWarnings("unchecked") // watch() put it under its own class
    private <T extends HasMetadata> Watched<T> of(Class<T> kind) {
        @Nullable Watched<?> found = watched.get(kind);
        if (found == null) {
            throw new IllegalArgumentException(kind.getSimpleName() + " is not watched");
        }
        return (Watched<T>) found;
    }
}
