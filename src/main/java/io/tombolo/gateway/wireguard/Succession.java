package io.tombolo.gateway.wireguard;

import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which of two generations of a key counts, by what the device itself shows: no record of how far a rotation got is kept
 * anywhere, so that whoever was killed in the middle of it, or both sides, go on from what is there.
 */
final class Succession {
    /** Seconds between two calls on a key that may not be in use yet. */
    private static final int CALL = 3;

    private Succession() {}

    /**
     * The wanted device with one key of its own and, of every peer, a key that has its allowed IPs. The other generation
     * of a peer is let in without any, so that its first handshake is heard.
     */
    static WantedDevice settle(WantedDevice wanted, ObservedDevice observed) {
        boolean turned = wanted.next().isPresent() && wanted.next().equals(observed.publicKey());
        List<WantedPeer> peers = new ArrayList<>();
        List<WantedPeer> bare = new ArrayList<>();
        for (WantedPeer peer : wanted.peers()) {
            Optional<PublicKey> next = peer.next();
            boolean succeeded = next.isPresent() && isNewer(observed, next.get(), peer.publicKey());
            PublicKey inForce = succeeded ? next.get() : peer.publicKey();
            peers.add(new WantedPeer(
                    peer.clusterId(),
                    peer.slot(),
                    inForce,
                    peer.endpoint(),
                    peer.allowedIps(),
                    peer.persistentKeepalive()));
            next.ifPresent(key -> bare.add(succeeded ? before(peer) : after(peer, key)));
        }
        // last: whoever has addresses takes them over from who had them, without a moment when nobody has
        peers.addAll(bare);
        WantedDevice own = turned ? wanted.turned() : wanted;
        return new WantedDevice(own.name(), own.publicKey(), own.listenPort(), own.addresses(), own.mtu(), peers);
    }

    private static WantedPeer before(WantedPeer peer) {
        return new WantedPeer(peer.clusterId(), peer.slot(), peer.publicKey(), Optional.empty(), List.of(), 0);
    }

    /** Called upon, for where both sides change at once neither speaks to the other's next key by itself. */
    private static WantedPeer after(WantedPeer peer, PublicKey key) {
        int keepalive = peer.endpoint().isPresent() ? CALL : 0;
        return new WantedPeer(peer.clusterId(), peer.slot(), key, peer.endpoint(), List.of(), keepalive);
    }

    /** Seconds are all that a device tells: the later generation wins a tie. */
    private static boolean isNewer(ObservedDevice observed, PublicKey next, PublicKey current) {
        Optional<Instant> latest = handshake(observed, next);
        return latest.isPresent()
                && handshake(observed, current)
                        .filter(other -> other.isAfter(latest.get()))
                        .isEmpty();
    }

    private static Optional<Instant> handshake(ObservedDevice observed, PublicKey key) {
        return observed.peers().stream()
                .filter(peer -> peer.publicKey().equals(key))
                .findFirst()
                .flatMap(ObservedPeer::latestHandshake);
    }
}
