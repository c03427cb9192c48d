package io.tombolo.trust;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PublicKey;
import java.util.List;
import java.util.Optional;

/**
 * What a cluster says of itself to its peers, signed by its identity.
 *
 * @param clusterId the speaker; accepted only on the link of that name
 * @param sequence above every earlier announcement of the same identity; 1 and up
 * @param protocolMin lowest protocol version of door and exchange the speaker understands
 * @param protocolMax highest one
 * @param slots the speaker's gateways, ordered by slot, at most 8
 * @param prefixes the speaker's pod prefixes, ordered, at most 64
 */
public record Announcement(
        ClusterId clusterId, long sequence, int protocolMin, int protocolMax, List<Slot> slots, List<Cidr> prefixes) {

    public Announcement {
        slots = List.copyOf(slots);
        prefixes = List.copyOf(prefixes);
    }

    /**
     * One gateway.
     *
     * @param slot 0-7
     * @param laneKey public key of all its lanes
     * @param generation of the lane key, 1 and up
     * @param nextKey the lane key of generation + 1, while there is one: each lane will change to it by itself, and from then
     *     on counts by it
     * @param endpoints where its door listens, in order of preference, at most 2; lane k is at port + 1 + k. Empty
     *     where the speaker can only dial out.
     */
    public record Slot(
            int slot, PublicKey laneKey, int generation, Optional<PublicKey> nextKey, List<Endpoint> endpoints) {
        public Slot {
            endpoints = List.copyOf(endpoints);
        }

        /** Whose key is not being rotated. */
        public Slot(int slot, PublicKey laneKey, int generation, List<Endpoint> endpoints) {
            this(slot, laneKey, generation, Optional.empty(), endpoints);
        }
    }
}
