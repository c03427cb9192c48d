package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PublicKey;
import java.util.List;
import java.util.Optional;

/**
 * A peer as a WireGuard device should have it.
 *
 * @param clusterId whose gateway it is
 * @param slot of that gateway, 0-7
 * @param next the key that the same gateway is about to change to: it is let in beside the other, and has the allowed IPs
 *     from its first handshake on
 * @param endpoint where to begin; empty where the peer dials us. A peer that has since been heard from elsewhere has
 *     roamed (its NAT mapping or its node changed): leave that endpoint alone while its session lives.
 * @param allowedIps ordered, without duplicates; no two peers of one device share an address
 * @param persistentKeepalive seconds; 0 means off
 */
public record WantedPeer(
        ClusterId clusterId,
        int slot,
        PublicKey publicKey,
        Optional<PublicKey> next,
        Optional<Endpoint> endpoint,
        List<Cidr> allowedIps,
        int persistentKeepalive) {

    public WantedPeer {
        allowedIps = allowedIps.stream().distinct().sorted().toList();
    }

    /** Whose key is not being rotated. */
    public WantedPeer(
            ClusterId clusterId,
            int slot,
            PublicKey publicKey,
            Optional<Endpoint> endpoint,
            List<Cidr> allowedIps,
            int persistentKeepalive) {
        this(clusterId, slot, publicKey, Optional.empty(), endpoint, allowedIps, persistentKeepalive);
    }
}
