package io.tombolo.gateway.wireguard;

import io.tombolo.net.PresharedKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a device differs from what it should be. Says of each peer whether it must be told the endpoint: one that was
 * heard from elsewhere while its session lives has roamed, and is left where it is.
 *
 * @param reasons for people; empty where nothing differs
 * @param key whether it has another private key than it should
 * @param port whether it listens elsewhere
 * @param differing peers that are new or not as they should be
 * @param rekeyed peers with another pre-shared key than they should have, and nothing else; no reason names them, for keys are
 *     renewed all the time
 * @param tellEndpoint those of them whose endpoint is (re)set
 * @param gone peers that nobody wants
 */
public record DeviceDiff(
        List<String> reasons,
        boolean key,
        boolean port,
        Set<PublicKey> differing,
        Set<PublicKey> rekeyed,
        Set<PublicKey> tellEndpoint,
        List<PublicKey> gone) {
    /** REJECT_AFTER_TIME of the WireGuard protocol: a session without a newer handshake is over. */
    private static final Duration SESSION = Duration.ofSeconds(180);

    public DeviceDiff {
        reasons = List.copyOf(reasons);
        differing = Set.copyOf(differing);
        rekeyed = Set.copyOf(rekeyed);
        tellEndpoint = Set.copyOf(tellEndpoint);
        gone = List.copyOf(gone);
    }

    /** Whether nothing but pre-shared keys differs. */
    public boolean isEmpty() {
        return reasons.isEmpty();
    }

    /** @param again peers that were there when it was observed, and are not any more */
    public static DeviceDiff between(
            ObservedDevice observed,
            WantedDevice wanted,
            Map<PublicKey, PresharedKey> presharedKeys,
            Set<PublicKey> again,
            Instant now) {
        List<String> reasons = new ArrayList<>();
        boolean key = !observed.publicKey().equals(Optional.of(wanted.publicKey()));
        if (key) {
            reasons.add("private key");
        }
        boolean port = observed.listenPort() != wanted.listenPort();
        if (port) {
            reasons.add("port " + observed.listenPort() + " -> " + wanted.listenPort());
        }
        Map<PublicKey, ObservedPeer> there = new HashMap<>();
        observed.peers().forEach(p -> there.put(p.publicKey(), p));
        Set<PublicKey> differing = new HashSet<>();
        Set<PublicKey> rekeyed = new HashSet<>();
        Set<PublicKey> tell = new HashSet<>();
        for (WantedPeer peer : wanted.peers()) {
            ObservedPeer as = there.remove(peer.publicKey());
            String name = peer.clusterId() + "/" + peer.slot();
            int before = reasons.size();
            if (as == null || again.contains(peer.publicKey())) {
                reasons.add("peer " + name + (as == null ? " is new" : " is called again"));
                differing.add(peer.publicKey());
                tell.add(peer.publicKey());
                continue;
            }
            if (!as.allowedIps().equals(peer.allowedIps())) {
                reasons.add("allowed IPs of " + name);
            }
            if (as.keepalive() != peer.persistentKeepalive()) {
                reasons.add("keepalive of " + name);
            }
            if (mustBeTold(as, peer, now)) {
                reasons.add("endpoint of " + name);
                tell.add(peer.publicKey());
            }
            if (reasons.size() > before) {
                differing.add(peer.publicKey());
            } else if (!as.presharedKey().equals(Optional.ofNullable(presharedKeys.get(peer.publicKey())))) {
                rekeyed.add(peer.publicKey());
            }
        }
        there.keySet().forEach(gone -> reasons.add("peer " + gone + " is gone"));
        return new DeviceDiff(reasons, key, port, differing, rekeyed, tell, List.copyOf(there.keySet()));
    }

    private static boolean mustBeTold(ObservedPeer as, WantedPeer peer, Instant now) {
        if (peer.endpoint().isEmpty() || peer.endpoint().equals(as.endpoint())) {
            return false;
        }
        return as.latestHandshake().isEmpty()
                || as.latestHandshake().get().plus(SESSION).isBefore(now);
    }
}
