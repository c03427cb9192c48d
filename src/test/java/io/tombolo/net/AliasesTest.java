package io.tombolo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AliasesTest {
    private static final Aliases ALIASES = aliases("10.42.0.0/16=100.66.0.0/16", "fd42::/48=fd66:0:1::/48");

    private static Aliases aliases(String... pairs) {
        return new Aliases(Stream.of(pairs).map(AliasesTest::alias).toList());
    }

    private static Aliases.Alias alias(String pair) {
        String[] two = pair.split("=");
        return new Aliases.Alias(Cidr.parse(two[0]), Cidr.parse(two[1]));
    }

    private static List<Cidr> cidrs(String... texts) {
        return Stream.of(texts).map(Cidr::parse).toList();
    }

    private static String known(String address) {
        return Addresses.text(ALIASES.of(Addresses.parse(address)));
    }

    @Test
    void anAddressKeepsItsPlaceInTheAlias() {
        assertEquals("100.66.3.7", known("10.42.3.7"));
        assertEquals("fd66:0:1::5:6", known("fd42::5:6"));
        assertEquals("10.43.3.7", known("10.43.3.7"), "which has no alias");
        assertEquals("fd43::1", known("fd43::1"));
    }

    @Test
    void aPrefixInsideIsKnownByItsPartOfTheAliasAndOneOutsideByItself() {
        assertEquals(
                cidrs("100.66.3.0/24", "10.50.0.0/16", "fd66:0:1:2::/64"),
                ALIASES.of(cidrs("10.42.3.0/24", "10.50.0.0/16", "fd42:0:0:2::/64")));
    }

    @Test
    void aPrefixOfWhichAPartHasAnAliasIsCut() {
        assertEquals(cidrs("10.40.0.0/15", "100.66.0.0/16", "10.43.0.0/16"), ALIASES.of(cidrs("10.40.0.0/14")));
    }

    @Test
    void ofANodeOnlyTheAliasesOfItsOwnPodsAreLeft() {
        assertEquals(
                aliases("10.42.3.0/24=100.66.3.0/24", "fd42:0:0:3::/64=fd66:0:1:3::/64"),
                ALIASES.within(cidrs("10.42.3.0/24", "fd42:0:0:3::/64", "10.50.0.0/24")));
        assertEquals(ALIASES, ALIASES.within(cidrs("10.40.0.0/14", "fd42::/48")));
        assertEquals(Aliases.NONE, ALIASES.within(cidrs("10.50.0.0/24")));
    }

    @Property
    void everyPartOfAPrefixIsKnownWhereItsAddressesAre(@ForAll @IntRange(min = 8, max = 32) int length) {
        Cidr cidr = Cidr.containing(Addresses.parse("10.42.3.7"), length);
        List<Cidr> parts = ALIASES.of(List.of(cidr));
        assertEquals(
                1,
                parts.stream()
                        .filter(part -> part.contains(Addresses.parse("100.66.3.7")))
                        .count());
        long addresses =
                parts.stream().mapToLong(part -> 1L << 32 - part.length()).sum();
        assertEquals(1L << 32 - length, addresses);
    }

    @Test
    void refusesWhatDoesNotStandForEachOther() {
        for (String pair : List.of("10.42.0.0/16=100.66.0.0/17", "10.42.0.0/16=fd66::/16")) {
            assertThrows(IllegalArgumentException.class, () -> alias(pair), pair);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> aliases("10.42.0.0/16=100.66.0.0/16", "10.42.1.0/24=100.67.1.0/24"));
        assertThrows(
                IllegalArgumentException.class,
                () -> aliases("10.42.0.0/24=100.66.0.0/24", "10.43.0.0/24=100.66.0.0/24"));
    }
}
