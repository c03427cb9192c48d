package io.tombolo.gateway.wireguard;

import io.tombolo.net.PublicKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A WireGuard device as it is.
 *
 * @param publicKey empty where it has no private key yet
 * @param listenPort 0 where it has none yet
 */
public record ObservedDevice(String name, Optional<PublicKey> publicKey, int listenPort, List<ObservedPeer> peers) {
    public ObservedDevice {
        peers = List.copyOf(peers);
    }

    /** By the peer's key; of those that shook hands. */
    public Map<PublicKey, Instant> latestHandshakes() {
        Map<PublicKey, Instant> latest = new HashMap<>();
        peers.forEach(peer -> peer.latestHandshake().ifPresent(at -> latest.put(peer.publicKey(), at)));
        return latest;
    }
}
