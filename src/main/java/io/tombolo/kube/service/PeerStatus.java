package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.kube.Applier;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.SignedAnnouncement;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/** Writes {@code ClusterLink.status.peer}: what a peer announced and was accepted, and what it exports. */
public final class PeerStatus {
    private final Applier applier;

    public PeerStatus(KubernetesClient client) {
        this.applier = new Applier(client, ObjectNames.IMPORTER_MANAGER);
    }

    /**
     * One peer's part of its link's status.
     *
     * @param acknowledged highest sequence of ours that the peer says it holds; 0: none
     * @param version of its software, empty where unknown
     * @param services it exports to us
     * @param since when this announcement was first seen
     */
    public record Peer(
            SignedAnnouncement signed,
            Announcement announcement,
            long acknowledged,
            String version,
            int services,
            Instant since) {}

    /** @throws KubernetesClientException with the API's own words; a link that is gone is none */
    public void write(ClusterId id, Peer peer) {
        ClusterLink link = new ClusterLink();
        link.setMetadata(new ObjectMetaBuilder().withName(id.value()).build());
        Base64.Encoder base64 = Base64.getEncoder();
        link.setStatus(new ClusterLinkStatus(
                null,
                null,
                new ClusterLinkStatus.Peer(
                        peer.announcement().sequence(),
                        peer.acknowledged(),
                        new ClusterLinkStatus.SignedBytes(
                                base64.encodeToString(peer.signed().bytes()),
                                base64.encodeToString(peer.signed().signature())),
                        peer.version().isEmpty() ? null : peer.version(),
                        peer.services(),
                        peer.announcement().prefixes().stream()
                                .map(Cidr::toString)
                                .toList(),
                        peer.announcement().slots().stream()
                                .map(s -> new ClusterLinkStatus.Slot(
                                        s.slot(), s.laneKey().toString()))
                                .toList(),
                        peer.since().truncatedTo(ChronoUnit.SECONDS).toString()),
                null,
                null));
        try {
            applier.applyStatus(link);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
