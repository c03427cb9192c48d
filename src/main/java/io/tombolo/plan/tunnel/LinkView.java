package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.trust.Announcement;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One ClusterLink as its spec says it, with what the peer has announced.
 *
 * @param name the peer's cluster ID
 * @param created orders links: a pin wins over no pin, then the earlier link
 * @param uid breaks ties of {@code created}
 * @param identities one or two pinned keys; while two are pinned the first is the one in use
 * @param gateways the pinned doors, ordered by slot
 * @param pin the only prefixes the peer may announce; empty where the admin pinned none
 * @param access what of ours the peer may reach
 * @param lacksPresharedKey whether the spec asks for a pre-shared key that our gateways do not hold: no lane is made then,
 *     since one without the key would be the weaker tunnel that the admin has ruled out
 * @param announced the last accepted announcement; empty before first contact
 */
public record LinkView(
        ClusterId name,
        Instant created,
        String uid,
        List<IdentityKey> identities,
        List<PinnedGateway> gateways,
        List<Cidr> pin,
        Access access,
        boolean lacksPresharedKey,
        Optional<Announcement> announced) {

    public LinkView {
        identities = List.copyOf(identities);
        gateways = List.copyOf(gateways);
        pin = List.copyOf(pin);
    }

    /** The same link, had its peer announced {@code announcement}. */
    public LinkView withAnnounced(Announcement announcement) {
        return new LinkView(
                name, created, uid, identities, gateways, pin, access, lacksPresharedKey, Optional.of(announcement));
    }

    /** What of ours a peer may reach. */
    public enum Access {
        /** The endpoints of exported services only. */
        EXPORTED_SERVICES,
        /** Every pod. */
        ALL_PODS
    }

    /**
     * @param slot 0-7
     * @param endpoint where its door listens; empty where the peer dials us
     */
    public record PinnedGateway(int slot, PublicKey doorKey, Optional<Endpoint> endpoint) {}
}
