package io.tombolo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelAddressTest {
    private static final IdentityKey IDENTITY =
            IdentityKey.parse("ed25519:fob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0=");

    /** Peers of any version must come to the same address: computed apart from this code. */
    @Test
    void theAddressesFollowFromTheIdentity() {
        TunnelAddress address = TunnelAddress.of(IDENTITY);
        assertEquals("fdc6:f146:eaca:8b16::/64", address.network().toString());
        assertEquals("fdc6:f146:eaca:8b16::1", Addresses.text(address.lane(0)));
        assertEquals("fdc6:f146:eaca:8b16::8", Addresses.text(address.lane(7)));
        assertEquals("fdc6:f146:eaca:8b16::1:1", Addresses.text(address.door(0)));
        assertEquals("fdc6:f146:eaca:8b16::1:8", Addresses.text(address.door(7)));
    }

    @Test
    void anotherIdentityHasAnotherNetwork() {
        assertNotEquals(
                TunnelAddress.of(IDENTITY),
                TunnelAddress.of(IdentityKey.parse("ed25519:G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "-a", "a-", "A", "a.b", "a_b", "svc", "pod", "local", "clusterset", "xn--wst-qdd", "é", "a\n"
            })
    void aClusterIdIsADnsLabelThatTheZoneDoesNotReserve(String value) {
        assertThrows(IllegalArgumentException.class, () -> new ClusterId(value));
    }

    @Test
    void aClusterIdHasUpToSixtyThreeCharacters() {
        assertEquals(63, new ClusterId("x".repeat(63)).value().length());
        assertThrows(IllegalArgumentException.class, () -> new ClusterId("x".repeat(64)));
    }

    @Test
    void anEndpointPrintsAsWgWritesIt() {
        assertEquals("203.0.113.10:51820", new Endpoint(Addresses.parse("203.0.113.10"), 51820).toString());
        assertEquals(
                "[2001:db8::1]:51823",
                new Endpoint(Addresses.parse("2001:db8::1"), 51820).plus(3).toString());
        for (int port : List.of(0, -1, 65536)) {
            assertThrows(IllegalArgumentException.class, () -> new Endpoint(Addresses.parse("1.2.3.4"), port));
        }
    }
}
