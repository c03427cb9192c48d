package io.tombolo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class AddressesPropertyTest {
    @Property
    void parsesWhatItPrints(@ForAll @Size(16) byte[] bytes) {
        InetAddress address = Addresses.of(bytes);
        assertEquals(address, Addresses.parse(Addresses.text(address)));
    }

    @Property
    void neverThrowsAnythingElse(@ForAll String text) {
        try {
            Addresses.parse(text);
        } catch (IllegalArgumentException expected) {
            return;
        }
        assertEquals(text, Addresses.text(Addresses.parse(text)));
    }
}
