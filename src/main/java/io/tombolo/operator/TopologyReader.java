package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Secret;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.kube.Change;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.LinkReader;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.NodeReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.TopologyPlanner;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Finding;
import io.tombolo.trust.AnnouncementGate;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The {@link World} → {@link Topology}. Every reconciler asks, most often with the same world: the last answer is kept with
 * what it came from.
 */
public final class TopologyReader {
    private final World world;
    private @Nullable Answer last;

    public TopologyReader(World world) {
        this.world = world;
    }

    /**
     * A topology, and what could not even be read.
     *
     * @param topology of every link that could be read
     * @param unreadable by name of the link
     */
    public record Planned(Topology topology, Map<String, Finding> unreadable) {
        public Planned {
            unreadable = Map.copyOf(unreadable);
        }

        /** What is wrong with a link, from reading and planning. */
        public List<Finding> findings(String link) {
            Finding reading = unreadable.get(link);
            return reading != null
                    ? List.of(reading)
                    : topology.findings().getOrDefault(new ClusterId(link), List.of());
        }
    }

    /** What of a link a topology is made from. */
    public static Object part(ClusterLink link) {
        return List.of(
                Change.spec(link),
                Optional.ofNullable(link.getStatus())
                        .map(ClusterLinkStatus::peer)
                        .map(ClusterLinkStatus.Peer::signedAnnouncement));
    }

    private record Answer(List<Object> parts, Optional<Planned> planned) {}

    /** Empty until the LocalCluster's network and keys are known. */
    public synchronized Optional<Planned> read() {
        List<ClusterLink> links = world.list(ClusterLink.class).stream()
                .sorted(Comparator.comparing(link -> link.getMetadata().getName()))
                .toList();
        Optional<LocalCluster> cluster = world.localCluster();
        Optional<Secret> keys = world.own(Secret.class, ObjectNames.GATEWAY);
        List<LocalView.Node> nodes = NodeReader.readAll(world.list(Node.class));
        List<InetAddress> apiServers = world.apiServers();
        List<Object> parts = List.of(
                links.stream().map(TopologyReader::part).toList(),
                cluster.map(LocalViewReader::part),
                keys.map(secret -> secret.getMetadata().getResourceVersion()),
                nodes,
                apiServers);
        if (last != null && last.parts.equals(parts)) {
            return last.planned;
        }
        Optional<Planned> planned = cluster.flatMap(
                c -> keys.flatMap(secret -> plan(c, GatewaySecret.decode(secret), nodes, apiServers, links)));
        last = new Answer(parts, planned);
        return planned;
    }

    private static Optional<Planned> plan(
            LocalCluster cluster,
            GatewaySecret keys,
            List<LocalView.Node> nodes,
            List<InetAddress> apiServers,
            List<ClusterLink> links) {
        return LocalViewReader.read(cluster, keys, nodes, apiServers).map(local -> plan(local, keys, links));
    }

    private static Planned plan(LocalView local, GatewaySecret keys, List<ClusterLink> links) {
        List<LinkView> views = new ArrayList<>();
        Map<String, Finding> unreadable = new HashMap<>();
        for (ClusterLink link : links) {
            switch (LinkReader.read(link, keys)) {
                case LinkReader.Result.Read(LinkView view) -> views.add(announced(view, link));
                case LinkReader.Result.Unreadable(String name, Finding finding) -> unreadable.put(name, finding);
            }
        }
        return new Planned(TopologyPlanner.plan(local, views), unreadable);
    }

    /** Whoever uses the kept bytes verifies them. */
    private static LinkView announced(LinkView view, ClusterLink link) {
        var peer = link.getStatus() == null ? null : link.getStatus().peer();
        return new AnnouncementGate(
                        view.name(),
                        view.identities(),
                        peer == null ? Optional.empty() : AnnouncementMap.fromStatus(peer.signedAnnouncement()),
                        Wire.PROTOCOL,
                        Wire.PROTOCOL)
                .held()
                .map(view::withAnnounced)
                .orElse(view);
    }
}
