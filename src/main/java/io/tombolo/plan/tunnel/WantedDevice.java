package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.PublicKey;
import java.util.List;

/**
 * A WireGuard device as one of our gateways should have it, but for its private key, which no plan holds.
 *
 * @param name of the interface
 * @param publicKey the public half of the private key it must be given: the slot's door key or lane key
 * @param listenPort UDP, 1-65535
 * @param addresses of the interface, each /32 or /128, ordered
 * @param mtu bytes of the inner packet
 * @param peers ordered by cluster ID, then slot
 */
public record WantedDevice(
        String name, PublicKey publicKey, int listenPort, List<Cidr> addresses, int mtu, List<WantedPeer> peers) {

    public WantedDevice {
        addresses = addresses.stream().distinct().sorted().toList();
        peers = List.copyOf(peers);
    }
}
