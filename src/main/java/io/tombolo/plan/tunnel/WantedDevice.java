package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.PublicKey;
import java.util.List;
import java.util.Optional;

/**
 * A WireGuard device as one of our gateways should have it, but for its private key, which no plan holds.
 *
 * @param name of the interface
 * @param publicKey the public half of the private key it must be given: the slot's door key or lane key
 * @param next the lane key of the next generation, where it may be there already: a device that has it keeps it
 * @param listenPort UDP, 1-65535
 * @param addresses of the interface, each /32 or /128, ordered
 * @param mtu bytes of the inner packet
 * @param peers ordered by cluster ID, then slot
 */
public record WantedDevice(
        String name,
        PublicKey publicKey,
        Optional<PublicKey> next,
        int listenPort,
        List<Cidr> addresses,
        int mtu,
        List<WantedPeer> peers) {

    public WantedDevice {
        addresses = addresses.stream().distinct().sorted().toList();
        peers = List.copyOf(peers);
    }

    /** Whose key is not being rotated. */
    public WantedDevice(
            String name, PublicKey publicKey, int listenPort, List<Cidr> addresses, int mtu, List<WantedPeer> peers) {
        this(name, publicKey, Optional.empty(), listenPort, addresses, mtu, peers);
    }

    /** With the key of the next generation, where there is one. */
    public WantedDevice turned() {
        return next.map(key -> new WantedDevice(name, key, listenPort, addresses, mtu, peers))
                .orElse(this);
    }
}
