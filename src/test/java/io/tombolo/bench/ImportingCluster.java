package io.tombolo.bench;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkSpec;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.GatewayEndpoint;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.TunnelAddress;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.Identity;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The cluster whose real gateway imports: the objects that its operator and the door would have written. */
final class ImportingCluster {
    static final int PORT = 51820;
    private static final String NODE = "west-n1";
    private static final Cidr PODS = Cidr.parse("10.42.0.0/24");

    final ClusterId id = new ClusterId("west");
    final PrivateKey lane = PrivateKey.generate();
    private final Identity identity = Identity.generate();
    private final PrivateKey door = PrivateKey.generate();
    private final Endpoint endpoint;

    ImportingCluster(InetAddress underlay) {
        this.endpoint = new Endpoint(underlay, PORT);
    }

    TunnelAddress address() {
        return TunnelAddress.of(identity.publicKey());
    }

    List<HasMetadata> objects(List<ScriptedPeer> peers) {
        List<HasMetadata> objects = new ArrayList<>();
        for (int i = 0; i < ScriptedPeer.NAMESPACES; i++) {
            objects.add(new NamespaceBuilder()
                    .withNewMetadata()
                    .withName("team-" + i)
                    .endMetadata()
                    .build());
        }
        objects.add(new NodeBuilder()
                .withNewMetadata()
                .withName(NODE)
                .endMetadata()
                .withNewSpec()
                .withPodCIDR(PODS.toString())
                .withPodCIDRs(PODS.toString())
                .endSpec()
                .withNewStatus()
                .addNewAddress(Addresses.text(endpoint.address()), "InternalIP")
                .endStatus()
                .build());
        objects.add(localCluster());
        TreeMap<Integer, java.util.SortedMap<Integer, PrivateKey>> lanes =
                new TreeMap<>(Map.of(0, new TreeMap<>(Map.of(1, lane))));
        objects.add(new GatewaySecret(new TreeMap<>(Map.of(0, door)), lanes, new TreeMap<>())
                .encode(ObjectNames.NAMESPACE));
        objects.add(AnnouncementMap.encode(
                ObjectNames.NAMESPACE,
                identity.sign(new Announcement(
                        id,
                        1,
                        1,
                        1,
                        List.of(new Announcement.Slot(0, lane.publicKey(), 1, List.of(endpoint))),
                        List.of(PODS)))));
        objects.add(new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(ObjectNames.NAMESPACE)
                .withName(NetworkDocument.CONFIG_MAP)
                .endMetadata()
                .build());
        peers.forEach(peer -> objects.add(link(peer)));
        return objects;
    }

    private LocalCluster localCluster() {
        LocalCluster local = new LocalCluster();
        local.setMetadata(
                new ObjectMetaBuilder().withName(ObjectNames.LOCAL_CLUSTER).build());
        local.setSpec(new LocalClusterSpec(id.value(), null, null, null, null, null));
        local.setStatus(new LocalClusterStatus(
                null,
                null,
                new LocalClusterStatus.Network(List.of(PODS.toString()), List.of("10.43.0.0/16"), List.of()),
                new LocalClusterStatus.Invitation(
                        identity.publicKey().toString(),
                        List.of(new LocalClusterStatus.Door(
                                0, door.publicKey().toString(), List.of(gatewayEndpoint(endpoint))))),
                null,
                null,
                null,
                null,
                null));
        return local;
    }

    /** With the announcement already in its status, as a gateway that was here before has left it. */
    private static ClusterLink link(ScriptedPeer peer) {
        ClusterLink link = new ClusterLink();
        link.setMetadata(new ObjectMetaBuilder().withName(peer.id.value()).build());
        link.setSpec(new ClusterLinkSpec(
                List.of(peer.identity.publicKey().toString()),
                List.of(new ClusterLinkSpec.Gateway(
                        0, peer.door.publicKey().toString(), gatewayEndpoint(peer.endpoint))),
                null,
                null,
                null,
                null));
        ClusterLinkStatus.Peer announced = new ClusterLinkStatus.Peer(
                1L, 0L, AnnouncementMap.toStatus(peer.announcement()), null, null, null, null, null, null, null);
        link.setStatus(new ClusterLinkStatus(null, null, announced, null, null));
        return link;
    }

    private static GatewayEndpoint gatewayEndpoint(Endpoint endpoint) {
        return new GatewayEndpoint(Addresses.text(endpoint.address()), endpoint.port());
    }
}
