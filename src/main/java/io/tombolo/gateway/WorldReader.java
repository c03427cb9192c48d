package io.tombolo.gateway;

import io.fabric8.kubernetes.api.model.Node;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.kube.ApiServerReader;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.LinkReader;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.NodeReader;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.trust.AnnouncementCodec;
import io.tombolo.trust.MalformedMessageException;
import io.tombolo.trust.SignedAnnouncement;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Objects → {@link World}. A broken link is left out, and the operator says so in its status; the others go on. */
final class WorldReader {
    private static final System.Logger LOG = System.getLogger(WorldReader.class.getName());

    private WorldReader() {}

    /** Empty until LocalCluster, keys and the detected network are there. */
    static Optional<World> read(ClusterObjects objects) {
        if (objects.localCluster() == null || objects.keys() == null) {
            return Optional.empty();
        }
        GatewaySecret secret = GatewaySecret.decode(objects.keys());
        Optional<LocalView> local = LocalViewReader.read(
                objects.localCluster(),
                secret,
                NodeReader.readAll(objects.nodes()),
                ApiServerReader.read(objects.apiServer()));
        return local.map(view -> {
            List<LinkView> links = new ArrayList<>();
            Map<ClusterId, ClusterLinkStatus> statuses = new HashMap<>();
            for (ClusterLink link : objects.links()) {
                switch (LinkReader.read(link, secret)) {
                    case LinkReader.Result.Read(LinkView read) -> {
                        links.add(read);
                        if (link.getStatus() != null) {
                            statuses.put(read.name(), link.getStatus());
                        }
                    }
                    case LinkReader.Result.Unreadable(String name, var finding) ->
                        LOG.log(Level.DEBUG, "link {0}: {1}", name, finding.message());
                }
            }
            return new World(
                    view,
                    links,
                    statuses,
                    privateKeys(secret),
                    secret.presharedKeys(),
                    cordoned(objects.nodes()),
                    AnnouncementMap.decode(objects.announcement()).flatMap(WorldReader::sequenced));
        });
    }

    private static Set<String> cordoned(List<Node> nodes) {
        return nodes.stream()
                .filter(node -> node.getSpec() != null
                        && Boolean.TRUE.equals(node.getSpec().getUnschedulable()))
                .map(node -> node.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    private static Map<PublicKey, PrivateKey> privateKeys(GatewaySecret secret) {
        Map<PublicKey, PrivateKey> keys = new HashMap<>();
        secret.doors().values().forEach(key -> keys.put(key.publicKey(), key));
        secret.lanes()
                .values()
                .forEach(generations -> generations.values().forEach(key -> keys.put(key.publicKey(), key)));
        return keys;
    }

    private static Optional<World.OurAnnouncement> sequenced(SignedAnnouncement signed) {
        try {
            return Optional.of(new World.OurAnnouncement(
                    signed, AnnouncementCodec.decode(signed.bytes()).sequence()));
        } catch (MalformedMessageException e) {
            LOG.log(Level.WARNING, "our own announcement cannot be read: {0}", e.getMessage());
            return Optional.empty();
        }
    }
}
