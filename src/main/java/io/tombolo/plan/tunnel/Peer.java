package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PublicKey;
import io.tombolo.net.TunnelAddress;
import java.util.List;
import java.util.Optional;

/**
 * A peer that passed every check: its link is sound, and where it has announced itself, {@code lanes} and
 * {@code prefixes} are what was accepted of that.
 *
 * @param doors ordered by slot
 * @param lanes ordered by slot; empty before first contact, and while a pre-shared key is asked for and missing
 * @param prefixes accepted remote pod prefixes, ordered; empty before first contact
 */
public record Peer(
        ClusterId clusterId,
        TunnelAddress address,
        LinkView.Access access,
        List<Door> doors,
        List<Lane> lanes,
        List<Cidr> prefixes) {

    public Peer {
        doors = List.copyOf(doors);
        lanes = List.copyOf(lanes);
        prefixes = List.copyOf(prefixes);
    }

    /** @param endpoint where to dial; empty where the peer dials us */
    public record Door(int slot, PublicKey key, Optional<Endpoint> endpoint) {}

    /**
     * @param next the key of generation + 1, while the peer is about to change to it
     * @param endpoint the base endpoint of the peer's slot (its door's): our slot i reaches its lane at port + 1 + i;
     *     empty where the peer dials us
     */
    public record Lane(int slot, PublicKey key, int generation, Optional<PublicKey> next, Optional<Endpoint> endpoint) {
        /** Whose key is not being rotated. */
        public Lane(int slot, PublicKey key, int generation, Optional<Endpoint> endpoint) {
            this(slot, key, generation, Optional.empty(), endpoint);
        }
    }
}
