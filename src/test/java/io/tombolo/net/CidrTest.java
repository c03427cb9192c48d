package io.tombolo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"0.0.0.0/0", "::/0", "10.52.0.0/16", "10.1.2.3/32", "fd52::/48", "2001:db8::1/128", "128.0.0.0/1"
            })
    void readsWhatItPrints(String text) {
        assertEquals(text, Cidr.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.1.2.3/16",
                "fd52::1/64",
                "10.0.0.0/33",
                "fd52::/129",
                "10.0.0.0/-1",
                "10.0.0.0/08",
                "10.0.0.0/+8",
                "10.0.0.0",
                "10.0.0.0/",
                "/8",
                "10.0.0.0/8 ",
                " 10.0.0.0/8",
                "10.0.0.0/255.0.0.0",
                "10.0.0.0/8/8",
                "10.0.0.0/1000",
                "10.0.0.0/99999999999",
                "FD52::/48",
                "::ffff:10.0.0.0/104",
                "::ffff:0:0/96",
                "10.0.0/8",
                "010.0.0.0/8",
                "east/8",
                ""
            })
    void refusesWhatIsNoCanonicalPrefix(String text) {
        assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text));
    }

    @Test
    void tellsHowToWriteAPrefixWithHostBits() {
        assertEquals(
                "10.1.2.3/16 has host bits set; write 10.1.0.0/16",
                assertThrows(IllegalArgumentException.class, () -> Cidr.parse("10.1.2.3/16"))
                        .getMessage());
    }

    @Test
    void familiesNeverOverlap() {
        assertFalse(Cidr.parse("0.0.0.0/0").overlaps(Cidr.parse("::/0")));
        assertFalse(Cidr.parse("::/0").contains(Addresses.parse("10.0.0.1")));
    }

    @Test
    void isCoveredByASingleOneOnly() {
        Cidr wide = Cidr.parse("10.0.0.0/15");
        assertFalse(wide.isCoveredBy(List.of(Cidr.parse("10.0.0.0/16"), Cidr.parse("10.1.0.0/16"))));
        assertTrue(wide.isCoveredBy(List.of(Cidr.parse("10.0.0.0/16"), Cidr.parse("10.0.0.0/14"))));
    }

    @Test
    void ordersByFamilyThenAddressThenLength() {
        List<Cidr> ordered = Stream.of("9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/16", "200.0.0.0/8", "::/0", "fd00::/8")
                .map(Cidr::parse)
                .toList();
        assertEquals(ordered, ordered.reversed().stream().sorted().toList());
    }
}
