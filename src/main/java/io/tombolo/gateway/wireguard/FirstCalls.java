package io.tombolo.gateway.wireguard;

import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import io.tombolo.plan.tunnel.Wire;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Peers that a lane has called and that have not answered yet. Who was called may not have known us then, or may have had
 * another pre-shared key; WireGuard calls again after five seconds (REKEY_TIMEOUT of its protocol), which is long for a link
 * that was just made. A peer that is made anew is called at once, and one without a session has nothing to lose by it.
 * Time comes in as nanoseconds.
 */
final class FirstCalls {
    /** Longer than a handshake takes on nearly any way. */
    static final Duration PAUSE = Duration.ofSeconds(1);

    /** So often a peer is made anew: by then WireGuard has called again by itself. */
    private static final int TIMES = 4;

    private final Map<Callee, Call> calls = new HashMap<>();

    private record Callee(String device, PublicKey peer) {}

    private record Call(long at, int number) {}

    /**
     * @param wanted whose peers will be called where they are new
     * @return those of its peers that are to be made anew now
     */
    Set<PublicKey> due(ObservedDevice observed, WantedDevice wanted, long now) {
        Map<PublicKey, ObservedPeer> there = new HashMap<>();
        observed.peers().forEach(peer -> there.put(peer.publicKey(), peer));
        Set<PublicKey> due = new HashSet<>();
        Set<Callee> called = new HashSet<>();
        for (WantedPeer peer : wanted.peers()) {
            ObservedPeer as = there.get(peer.publicKey());
            boolean answered = as != null && as.latestHandshake().isPresent();
            // who has no addresses is the next generation of one who has
            if (answered
                    || !probed(wanted, peer)
                    || peer.endpoint().isEmpty()
                    || peer.allowedIps().isEmpty()) {
                continue;
            }
            Callee callee = new Callee(wanted.name(), peer.publicKey());
            called.add(callee);
            Call last = Optional.ofNullable(calls.get(callee))
                    .filter(_ -> as != null)
                    .orElse(new Call(now, 0));
            if (now - last.at >= PAUSE.toNanos() && last.number < TIMES) {
                due.add(peer.publicKey());
                last = new Call(now, last.number + 1);
            }
            calls.put(callee, last);
        }
        calls.keySet().removeIf(callee -> callee.device.equals(wanted.name()) && !called.contains(callee));
        return due;
    }

    /**
     * Whether packets go to the peer all the time. To the spare lane, whose peers are of other slots, and by the door nobody
     * speaks while there is nothing to say.
     */
    private static boolean probed(WantedDevice device, WantedPeer peer) {
        return Wire.lane(device.name()).filter(lane -> lane == peer.slot()).isPresent();
    }

    /** Of devices that are not wanted any more nobody was called. */
    void retain(Set<String> devices) {
        calls.keySet().removeIf(callee -> !devices.contains(callee.device));
    }

    /** Whether anybody is going to be called again. */
    boolean areAwaited() {
        return calls.values().stream().anyMatch(call -> call.number < TIMES);
    }
}
