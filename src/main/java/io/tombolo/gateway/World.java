package io.tombolo.gateway;

import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.trust.SignedAnnouncement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a gateway is told by its cluster's objects.
 *
 * @param links every ClusterLink that can be read
 * @param statuses of the links that have one, as they stand
 * @param keys private keys by their public halves: the slot's door, and the lane key of every generation there is
 * @param presharedKeys by link
 * @param cordoned names of nodes that are not to get new work: a gateway there drains
 * @param ours our newest announcement; empty until the operator has signed one
 */
public record World(
        LocalView local,
        List<LinkView> links,
        Map<ClusterId, ClusterLinkStatus> statuses,
        Map<PublicKey, PrivateKey> keys,
        Map<ClusterId, PresharedKey> presharedKeys,
        Set<String> cordoned,
        Optional<OurAnnouncement> ours) {

    public World {
        links = List.copyOf(links);
        statuses = Map.copyOf(statuses);
        keys = Map.copyOf(keys);
        presharedKeys = Map.copyOf(presharedKeys);
        cordoned = Set.copyOf(cordoned);
    }

    /** The peers' signed bytes, from the links' status. */
    Map<ClusterId, SignedAnnouncement> heldInStatus() {
        Map<ClusterId, SignedAnnouncement> held = new HashMap<>();
        statuses.forEach((id, status) -> Optional.ofNullable(status.peer())
                .flatMap(peer -> AnnouncementMap.fromStatus(peer.signedAnnouncement()))
                .ifPresent(signed -> held.put(id, signed)));
        return held;
    }

    /** @param sequence what {@code signed} says of itself */
    public record OurAnnouncement(SignedAnnouncement signed, long sequence) {}
}
