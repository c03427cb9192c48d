package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.kube.ObjectNames;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.AnnouncementCodec;
import io.tombolo.trust.Identity;
import io.tombolo.trust.MalformedMessageException;
import io.tombolo.trust.SignedAnnouncement;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** ConfigMap {@code tombolo-announcement}: signed again when what it says has changed, and only then. */
final class AnnouncementPublisher {
    private final KubernetesClient client;
    private final Clock clock;

    AnnouncementPublisher(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** @return the announcement that holds now */
    Announcement publish(LocalCluster owner, LocalView local, Identity identity, Collection<ClusterLink> links) {
        ConfigMap found = client.configMaps()
                .inNamespace(ObjectNames.namespace())
                .withName(ObjectNames.ANNOUNCEMENT)
                .get();
        Optional<SignedAnnouncement> signed = AnnouncementMap.decode(found);
        Optional<Announcement> last = signed.flatMap(AnnouncementPublisher::decoded);
        Optional<Announcement> ours =
                signed.filter(s -> Identity.signed(identity.publicKey(), s)).flatMap(s -> last);
        Optional<Announcement> next = AnnouncementPlanner.next(
                local, ours, last.map(Announcement::sequence).orElse(0L), acknowledged(links), clock.millis());
        if (next.isPresent()) {
            ConfigMap wanted = AnnouncementMap.encode(ObjectNames.namespace(), identity.sign(next.get()));
            if (found == null) {
                Ownership.claim(wanted, owner);
                client.resource(wanted).create();
            } else {
                Ownership.claim(found, owner);
                found.setBinaryData(wanted.getBinaryData());
                client.resource(found).update(); // refused where another leader signed meanwhile
            }
        } else if (found != null && Ownership.claim(found, owner)) {
            client.resource(found).update();
        }
        return next.or(() -> ours).orElseThrow();
    }

    private static List<Long> acknowledged(Collection<ClusterLink> links) {
        return links.stream()
                .filter(link -> link.getStatus() != null && link.getStatus().peer() != null)
                .map(link -> link.getStatus().peer().acknowledged())
                .filter(Objects::nonNull)
                .toList();
    }

    private static Optional<Announcement> decoded(SignedAnnouncement signed) {
        try {
            return Optional.of(AnnouncementCodec.decode(signed.bytes()));
        } catch (MalformedMessageException e) {
            return Optional.empty(); // of a version we do not read: we sign our own
        }
    }
}
