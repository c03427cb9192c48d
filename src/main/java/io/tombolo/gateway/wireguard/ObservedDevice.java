package io.tombolo.gateway.wireguard;

import io.tombolo.net.PublicKey;
import java.util.List;
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
}
