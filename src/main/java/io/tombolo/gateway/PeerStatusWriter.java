package io.tombolo.gateway;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.exchange.PeerExports;
import io.tombolo.gateway.door.AnnouncementBook;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.kube.Applier;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.services.ServicePlane;
import io.tombolo.trust.SignedAnnouncement;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes what each peer announced and was accepted into {@code ClusterLink.status.peer}, the signed bytes with it, while
 * this gateway is the one that imports.
 */
final class PeerStatusWriter {
    private static final System.Logger LOG = System.getLogger(PeerStatusWriter.class.getName());

    private final Applier applier;
    private final AnnouncementBook book;
    private final ServicePlane services;
    private final Clock clock;
    private final Function<ClusterId, Optional<ClusterLink>> links;
    /** Nodes wait for what was announced: what is only of interest has a budget of its own. */
    private final WriteBudget<ClusterLinkStatus.Peer> announced;

    private final WriteBudget<ClusterLinkStatus.Peer> told;

    /** @param links as {@link PathStatusWriter}'s */
    PeerStatusWriter(
            KubernetesClient client,
            Function<ClusterId, Optional<ClusterLink>> links,
            AnnouncementBook book,
            ServicePlane services,
            Clock clock) {
        this.applier = new Applier(client, ObjectNames.IMPORTER_MANAGER);
        this.links = links;
        this.book = book;
        this.services = services;
        this.clock = clock;
        this.announced = new WriteBudget<>(clock, 0);
        this.told = new WriteBudget<>(clock, 1);
    }

    void write(Pass pass) {
        if (!services.writes()) {
            return;
        }
        announced.keep(pass.topology().peers().keySet());
        told.keep(pass.topology().peers().keySet());
        Map<ClusterId, SignedAnnouncement> accepted = book.accepted();
        for (Peer peer : pass.topology().peers().values()) {
            ClusterId id = peer.clusterId();
            SignedAnnouncement signed = accepted.get(id);
            Optional<ClusterLink> link = links.apply(id);
            if (signed == null || link.isEmpty()) {
                continue;
            }
            ClusterLinkStatus.Peer standing = link.map(ClusterLink::getStatus)
                    .map(ClusterLinkStatus::peer)
                    .orElse(null);
            ClusterLinkStatus.Peer wanted = wanted(peer, signed, standing);
            boolean known =
                    standing != null && Objects.equals(wanted.signedAnnouncement(), standing.signedAnnouncement());
            if (wanted.equals(standing)) {
                continue;
            }
            if (known && isStale(wanted) && !isStale(told.onItsWay(id).orElse(standing))) {
                // whoever relies on these exports is told at once, whatever was written of them before
                told.spend(id, wanted);
            } else if (!(known ? told : announced).take(id, wanted)) {
                continue;
            }
            try {
                applier.applyStatus(link(id, wanted));
            } catch (KubernetesClientException e) {
                LOG.log(Level.WARNING, "status of {0}: the API server says: {1}", id, e.getMessage());
            }
        }
    }

    private static boolean isStale(ClusterLinkStatus.@Nullable Peer peer) {
        return peer != null && Boolean.TRUE.equals(peer.stale());
    }

    private ClusterLinkStatus.Peer wanted(
            Peer peer, SignedAnnouncement signed, ClusterLinkStatus.@Nullable Peer standing) {
        Optional<PeerExports> exports = services.peer(peer.clusterId());
        String version = exports.map(PeerExports::version).orElse("");
        ClusterLinkStatus.SignedBytes bytes = AnnouncementMap.toStatus(signed);
        return new ClusterLinkStatus.Peer(
                book.sequence(peer.clusterId()),
                book.acknowledgedBy(peer.clusterId()),
                bytes,
                version.isEmpty() ? null : version.substring(0, Math.min(63, version.length())),
                exports.map(e -> e.names().size()).orElse(0),
                peer.prefixes().stream().map(Cidr::toString).toList(),
                peer.lanes().stream()
                        .map(lane -> new ClusterLinkStatus.Slot(
                                lane.slot(), lane.key().toString()))
                        .toList(),
                services.findings(peer.clusterId()).stream()
                        .limit(ClusterLinkStatus.Peer.MOST_REFUSED)
                        .map(f -> new ClusterLinkStatus.Refused(
                                f.problem().reason(), f.text(ClusterLinkStatus.MAX_MESSAGE)))
                        .toList(),
                exports.map(PeerExports::stale).filter(stale -> stale).orElse(null),
                standing != null && standing.since() != null && bytes.equals(standing.signedAnnouncement())
                        ? standing.since()
                        : Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private static ClusterLink link(ClusterId id, ClusterLinkStatus.Peer peer) {
        ClusterLink link = new ClusterLink();
        link.setMetadata(new ObjectMetaBuilder().withName(id.value()).build());
        link.setStatus(new ClusterLinkStatus(null, null, peer, null, null));
        return link;
    }
}
