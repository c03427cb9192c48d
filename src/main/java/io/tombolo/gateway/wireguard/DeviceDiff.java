package io.tombolo.gateway.wireguard;

import io.tombolo.net.PresharedKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a device differs from what it should be. Says of each peer whether it must be told the endpoint: one that was
 * heard from elsewhere while its session lives has roamed, and is left where it is.
 *
 * @param reasons for people; empty where nothing differs
 * @param tellEndpoint peers whose endpoint is (re)set
 */
public record DeviceDiff(List<String> reasons, List<PublicKey> tellEndpoint) {
    /** REJECT_AFTER_TIME of the WireGuard protocol: a session without a newer handshake is over. */
    private static final Duration SESSION = Duration.ofSeconds(180);

    public DeviceDiff {
        reasons = List.copyOf(reasons);
        tellEndpoint = List.copyOf(tellEndpoint);
    }

    public boolean isEmpty() {
        return reasons.isEmpty();
    }

    public static DeviceDiff between(
            ObservedDevice observed, WantedDevice wanted, Map<PublicKey, PresharedKey> presharedKeys, Instant now) {
        List<String> reasons = new ArrayList<>();
        if (!observed.publicKey().equals(Optional.of(wanted.publicKey()))) {
            reasons.add("private key");
        }
        if (observed.listenPort() != wanted.listenPort()) {
            reasons.add("port " + observed.listenPort() + " -> " + wanted.listenPort());
        }
        Map<PublicKey, ObservedPeer> there = new HashMap<>();
        observed.peers().forEach(p -> there.put(p.publicKey(), p));
        List<PublicKey> tell = new ArrayList<>();
        for (WantedPeer peer : wanted.peers()) {
            ObservedPeer as = there.remove(peer.publicKey());
            String name = peer.clusterId() + "/" + peer.slot();
            if (as == null) {
                reasons.add("peer " + name + " is new");
                tell.add(peer.publicKey());
                continue;
            }
            if (!as.allowedIps().equals(peer.allowedIps())) {
                reasons.add("allowed IPs of " + name);
            }
            if (as.keepalive() != peer.persistentKeepalive()) {
                reasons.add("keepalive of " + name);
            }
            if (!as.presharedKey().equals(Optional.ofNullable(presharedKeys.get(peer.publicKey())))) {
                reasons.add("pre-shared key of " + name);
            }
            if (mustBeTold(as, peer, now)) {
                reasons.add("endpoint of " + name);
                tell.add(peer.publicKey());
            }
        }
        there.keySet().forEach(key -> reasons.add("peer " + key + " is gone"));
        return new DeviceDiff(reasons, tell);
    }

    private static boolean mustBeTold(ObservedPeer as, WantedPeer peer, Instant now) {
        if (peer.endpoint().isEmpty() || peer.endpoint().equals(as.endpoint())) {
            return false;
        }
        return as.latestHandshake().isEmpty()
                || as.latestHandshake().get().plus(SESSION).isBefore(now);
    }
}
