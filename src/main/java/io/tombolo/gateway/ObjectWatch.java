package io.tombolo.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.host.StateDirectory;
import io.tombolo.kube.Change;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.Watched;
import io.tombolo.net.ClusterId;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The objects a gateway works from, watched. Until every watch has listed once, what was kept on disk is the world: so an
 * agent that starts while the API server is away goes on where it stopped.
 */
final class ObjectWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ObjectWatch.class.getName());
    private static final String FILE = "objects";
    private static final String NAME = "metadata.name";

    private final StateDirectory disk;
    private final KubernetesSerialization json;
    private final String namespace = ObjectNames.namespace();
    private final Watched<LocalCluster> localClusters;
    private final Watched<ClusterLink> links;
    private final Watched<Secret> secrets;
    private final Watched<ConfigMap> announcements;
    private final Watched<ConfigMap> networks;
    private final Watched<Node> nodes;
    private final Watched<EndpointSlice> apiServer;
    private final Optional<ClusterObjects> kept;
    private String written = "";
    private volatile boolean networkSeen;

    /** @param onChange called with every change: hand over, do not work */
    ObjectWatch(KubernetesClient client, StateDirectory disk, Runnable onChange) {
        this.disk = disk;
        this.json = client.getKubernetesSerialization();
        this.kept = load();
        // of what others write into status and heartbeats nothing is read here: no pass for it
        localClusters = Watched.start(
                "localclusters",
                client.resources(LocalCluster.class),
                Change.of(LocalViewReader::part, _ -> onChange.run()));
        links = Watched.start(
                "clusterlinks",
                client.resources(ClusterLink.class),
                Change.of(
                        link -> List.of(
                                Change.spec(link),
                                Optional.ofNullable(link.getStatus()).map(ClusterLinkStatus::peer)),
                        _ -> onChange.run()));
        secrets = Watched.start(
                "the gateways' Secret",
                client.secrets().inNamespace(namespace).withField(NAME, ObjectNames.GATEWAY),
                _ -> onChange.run());
        announcements = Watched.start(
                "our announcement",
                client.configMaps().inNamespace(namespace).withField(NAME, ObjectNames.ANNOUNCEMENT),
                _ -> onChange.run());
        networks = Watched.start(
                "the network document",
                client.configMaps().inNamespace(namespace).withField(NAME, NetworkDocument.CONFIG_MAP),
                // that it is there says that we are installed
                Change.of(map -> map.getMetadata().getUid(), _ -> {
                    networkSeen = true;
                    onChange.run();
                }));
        nodes = Watched.start("nodes", client.nodes(), Change.of(ClusterObjects::slim, _ -> onChange.run()));
        apiServer = Watched.start(
                "the API server's endpoints",
                client.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace("default")
                        .withLabel("kubernetes.io/service-name", "kubernetes"),
                _ -> onChange.run());
    }

    private List<Watched<?>> all() {
        return List.of(localClusters, links, secrets, announcements, networks, nodes, apiServer);
    }

    /** The world now; empty where neither the API server nor the disk says. */
    Optional<ClusterObjects> objects() {
        if (!all().stream().allMatch(Watched::isSynced)) {
            return kept;
        }
        ClusterObjects now = new ClusterObjects(
                localClusters.get(null, ObjectNames.LOCAL_CLUSTER),
                links.list(),
                secrets.get(namespace, ObjectNames.GATEWAY),
                announcements.get(namespace, ObjectNames.ANNOUNCEMENT),
                nodes.list().stream().map(ClusterObjects::slim).toList(),
                apiServer.list());
        keep(now);
        return Optional.of(now);
    }

    /** The link to this peer as it stands now; empty where there is none, or the API server has not told yet. */
    Optional<ClusterLink> link(ClusterId peer) {
        return Optional.ofNullable(links.get(null, peer.value()));
    }

    /** Whether the watch showed ConfigMap tombolo-network to this process, and then its deletion. */
    boolean networkDeleted() {
        return networkSeen && networks.isSynced() && networks.get(namespace, NetworkDocument.CONFIG_MAP) == null;
    }

    /** Whether the LocalCluster is gone or going, by the word of the API server. */
    boolean ownerGone() {
        LocalCluster owner = localClusters.get(null, ObjectNames.LOCAL_CLUSTER);
        return localClusters.isSynced() && (owner == null || owner.isMarkedForDeletion());
    }

    /** Whether the LocalCluster wants no gateway of this slot, by the word of the API server. */
    boolean unwanted(int slot) {
        LocalCluster owner = localClusters.get(null, ObjectNames.LOCAL_CLUSTER);
        return localClusters.isSynced()
                && owner != null
                && !owner.isMarkedForDeletion()
                && LocalViewReader.replicas(owner.getSpec()) <= slot;
    }

    private void keep(ClusterObjects now) {
        String text = json.asJson(now);
        if (text.equals(written)) {
            return;
        }
        written = text;
        try {
            disk.write(FILE, text);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the objects cannot be kept on disk: a restart will need the API server", e);
        }
    }

    private Optional<ClusterObjects> load() {
        try {
            return switch (disk.read(FILE)) {
                case StateDirectory.Stored.Absent _ -> Optional.empty();
                case StateDirectory.Stored.Corrupt(String reason) -> {
                    LOG.log(Level.WARNING, "objects on disk: {0}", reason);
                    yield Optional.empty();
                }
                case StateDirectory.Stored.Whole whole -> Optional.ofNullable(decode(whole.text()));
            };
        } catch (IOException e) {
            LOG.log(Level.WARNING, "objects on disk cannot be read", e);
            return Optional.empty();
        }
    }

    private static @Nullable ClusterObjects decode(String text) {
        try {
            return new ObjectMapper().readValue(text, ClusterObjects.class);
        } catch (JsonProcessingException e) {
            // its message may quote the text, which holds keys
            LOG.log(Level.WARNING, "objects on disk are of another version; the API server is waited for");
            return null;
        }
    }

    @Override
    public void close() {
        all().forEach(Watched::close);
    }
}
