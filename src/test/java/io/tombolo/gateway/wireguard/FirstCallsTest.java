package io.tombolo.gateway.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FirstCallsTest {
    private static final PublicKey OWN = PrivateKey.generate().publicKey();
    private static final PublicKey PEER = PrivateKey.generate().publicKey();
    private static final List<Cidr> PODS = List.of(Cidr.parse("10.2.0.0/16"));
    private static final Optional<Endpoint> AT = Optional.of(new Endpoint(Addresses.parse("203.0.113.2"), 51820));

    private final FirstCalls calls = new FirstCalls();
    private long now = System.nanoTime();

    private static WantedDevice wanted(Optional<Endpoint> endpoint, List<Cidr> allowed) {
        return new WantedDevice(
                "tb0",
                OWN,
                51820,
                List.of(),
                1420,
                List.of(new WantedPeer(new ClusterId("east"), 0, PEER, endpoint, allowed, 0)));
    }

    private static ObservedDevice observed(List<ObservedPeer> peers) {
        return new ObservedDevice("tb0", Optional.of(OWN), 51820, peers);
    }

    private static ObservedPeer peer(Optional<Instant> handshake) {
        return new ObservedPeer(PEER, Optional.empty(), AT, PODS, handshake, 0, 0, 0);
    }

    private Set<PublicKey> afterASecond(ObservedDevice observed, WantedDevice wanted) {
        now += Duration.ofSeconds(1).toNanos();
        return calls.due(observed, wanted, now);
    }

    @Test
    void whoDoesNotAnswerIsCalledFourTimesAgainASecondApart() {
        WantedDevice wanted = wanted(AT, PODS);
        assertEquals(Set.of(), calls.due(observed(List.of()), wanted, now));
        ObservedDevice silent = observed(List.of(peer(Optional.empty())));
        for (int i = 0; i < 4; i++) {
            assertTrue(calls.areAwaited());
            assertEquals(Set.of(), calls.due(silent, wanted, now));
            assertEquals(Set.of(PEER), afterASecond(silent, wanted));
        }
        assertFalse(calls.areAwaited());
        assertEquals(Set.of(), afterASecond(silent, wanted));

        // somebody deletes the device: all begins anew
        assertEquals(Set.of(), afterASecond(observed(List.of()), wanted));
        assertEquals(Set.of(PEER), afterASecond(silent, wanted));
    }

    @Test
    void whoAnsweredOnceIsLeftAloneHoweverLongAgo() {
        WantedDevice wanted = wanted(AT, PODS);
        assertEquals(Set.of(), calls.due(observed(List.of()), wanted, now));
        ObservedDevice answered = observed(List.of(peer(Optional.of(Instant.EPOCH))));
        assertEquals(Set.of(), afterASecond(answered, wanted));
        assertFalse(calls.areAwaited());
    }

    @Test
    void nobodyIsCalledWhoCallsUsOrWhoseTurnHasNotCome() {
        ObservedDevice silent = observed(List.of(peer(Optional.empty())));
        for (WantedDevice wanted : List.of(wanted(Optional.empty(), PODS), wanted(AT, List.of()))) {
            assertEquals(Set.of(), calls.due(silent, wanted, now));
            assertEquals(Set.of(), afterASecond(silent, wanted));
            assertFalse(calls.areAwaited());
        }
    }

    @Test
    void nobodyIsCalledByTheSpareLaneOrTheDoor() {
        WantedDevice lane = wanted(AT, PODS);
        for (String name : List.of("tb1", "tbdoor")) {
            WantedDevice other = new WantedDevice(name, OWN, 51821, List.of(), 1420, lane.peers());
            assertEquals(Set.of(), calls.due(observed(List.of()), other, now));
            assertFalse(calls.areAwaited());
        }
    }

    @Test
    void whatIsNotWantedAnyMoreIsForgotten() {
        ObservedDevice silent = observed(List.of(peer(Optional.empty())));
        calls.due(silent, wanted(AT, PODS), now);
        calls.retain(Set.of("tbdoor"));
        assertFalse(calls.areAwaited());
        calls.due(silent, wanted(AT, PODS), now);
        calls.due(silent, new WantedDevice("tb0", OWN, 51820, List.of(), 1420, List.of()), now);
        assertFalse(calls.areAwaited());
    }
}
