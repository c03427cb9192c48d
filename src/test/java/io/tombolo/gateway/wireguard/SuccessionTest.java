package io.tombolo.gateway.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Two generations of a key, and what a device shows of them. */
final class SuccessionTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final List<Cidr> PODS = List.of(Cidr.parse("10.52.0.0/16"));
    private static final Optional<Endpoint> THERE = Optional.of(new Endpoint(Addresses.parse("198.51.100.1"), 51821));
    private static final PublicKey OURS = key(1);
    private static final PublicKey OUR_NEXT = key(2);
    private static final PublicKey THEIRS = key(3);
    private static final PublicKey THEIR_NEXT = key(4);

    private static PublicKey key(int number) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) number);
        return PublicKey.of(bytes);
    }

    private static final WantedDevice WANTED = new WantedDevice(
            "tb0",
            OURS,
            Optional.of(OUR_NEXT),
            51821,
            List.of(),
            1420,
            List.of(new WantedPeer(EAST, 0, THEIRS, Optional.of(THEIR_NEXT), THERE, PODS, 25)));

    private static ObservedDevice observed(PublicKey own, Map<PublicKey, Long> handshakes) {
        return new ObservedDevice(
                "tb0",
                Optional.of(own),
                51821,
                handshakes.entrySet().stream()
                        .map(e -> new ObservedPeer(
                                e.getKey(),
                                Optional.empty(),
                                THERE,
                                List.of(),
                                Optional.of(e.getValue()).filter(at -> at > 0).map(Instant::ofEpochSecond),
                                0,
                                0,
                                0))
                        .toList());
    }

    private static WantedPeer whole(PublicKey key) {
        return new WantedPeer(EAST, 0, key, THERE, PODS, 25);
    }

    private static WantedPeer bare(PublicKey key) {
        return key.equals(THEIR_NEXT)
                ? new WantedPeer(EAST, 0, key, THERE, List.of(), 3)
                : new WantedPeer(EAST, 0, key, Optional.empty(), List.of(), 0);
    }

    private static List<WantedPeer> peers(Map<PublicKey, Long> handshakes) {
        return Succession.settle(WANTED, observed(OURS, handshakes)).peers();
    }

    @Test
    void aPeersNextKeyIsLetInWithoutAddressesUntilItIsHeard() {
        assertEquals(List.of(whole(THEIRS), bare(THEIR_NEXT)), peers(Map.of()));
        assertEquals(List.of(whole(THEIRS), bare(THEIR_NEXT)), peers(Map.of(THEIRS, 100L, THEIR_NEXT, 0L)));
    }

    @Test
    void fromItsFirstHandshakeOnTheNextKeyHasTheAddresses() {
        assertEquals(List.of(whole(THEIR_NEXT), bare(THEIRS)), peers(Map.of(THEIRS, 100L, THEIR_NEXT, 200L)));
        assertEquals(List.of(whole(THEIR_NEXT), bare(THEIRS)), peers(Map.of(THEIRS, 200L, THEIR_NEXT, 200L)));
        assertEquals(List.of(whole(THEIR_NEXT), bare(THEIRS)), peers(Map.of(THEIR_NEXT, 200L)));
    }

    @Test
    void aPeerThatStartedAnewWithTheKeyBeforeIsFollowedBack() {
        assertEquals(List.of(whole(THEIRS), bare(THEIR_NEXT)), peers(Map.of(THEIRS, 300L, THEIR_NEXT, 200L)));
    }

    @Test
    void aDeviceThatHasOurNextKeyKeepsIt() {
        assertEquals(
                OUR_NEXT,
                Succession.settle(WANTED, observed(OUR_NEXT, Map.of())).publicKey());
        assertEquals(OURS, Succession.settle(WANTED, observed(OURS, Map.of())).publicKey());
        assertEquals(OURS, Succession.settle(WANTED, observed(key(9), Map.of())).publicKey());
        assertEquals(
                OUR_NEXT,
                Succession.settle(WANTED.turned(), observed(OURS, Map.of())).publicKey());
    }
}
