package io.tombolo.gateway.wireguard;

import io.tombolo.net.Cidr;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A peer as the device has it.
 *
 * @param endpoint where it was heard last, or was told to be
 * @param allowedIps ordered
 * @param latestHandshake empty where there was none since the device was made
 * @param received bytes
 * @param sent bytes
 * @param keepalive seconds; 0 means off
 */
public record ObservedPeer(
        PublicKey publicKey,
        Optional<PresharedKey> presharedKey,
        Optional<Endpoint> endpoint,
        List<Cidr> allowedIps,
        Optional<Instant> latestHandshake,
        long received,
        long sent,
        int keepalive) {
    public ObservedPeer {
        allowedIps = allowedIps.stream().sorted().toList();
    }
}
