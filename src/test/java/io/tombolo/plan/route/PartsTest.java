package io.tombolo.plan.route;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Cidr;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Equal parts of a cluster's prefixes. */
final class PartsTest {
    private static String parts(int most, String... prefixes) {
        return String.join(
                " ",
                Parts.of(Stream.of(prefixes).map(Cidr::parse).toList(), most).stream()
                        .map(Cidr::toString)
                        .toList());
    }

    @Test
    void aPrefixIsCutIntoAsManyEqualPartsAsMayBe() {
        assertEquals("10.0.0.0/18 10.0.64.0/18 10.0.128.0/18 10.0.192.0/18", parts(4, "10.0.0.0/16"));
        assertEquals("10.0.0.0/17 10.0.128.0/17 10.8.0.0/17 10.8.128.0/17", parts(5, "10.0.0.0/16", "10.8.0.0/16"));
        assertEquals("fd00:0:0:40::/63 fd00:0:0:42::/63", parts(3, "fd00:0:0:40::/62"));
    }

    @Test
    void aPartIsNoSmallerThanTheUsualPodRangeOfANode() {
        assertEquals("10.0.2.0/24 10.0.3.0/24", parts(256, "10.0.2.0/23"));
        assertEquals("10.0.2.0/26", parts(256, "10.0.2.0/26"));
        assertEquals(256, Parts.of(List.of(Cidr.parse("10.52.0.0/16")), 256).size());
    }

    @Test
    void aPrefixStaysWholeWhereThereAreMoreOfThemThanParts() {
        assertEquals("10.0.0.0/16 10.1.0.0/16 10.2.0.0/16", parts(2, "10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"));
    }

    @Test
    void theWholeOfThePrefixIsCoveredAndNothingElse() {
        List<Cidr> parts = Parts.of(List.of(Cidr.parse("10.240.0.0/12")), 64);
        assertEquals(64, parts.size());
        assertEquals(Cidr.parse("10.240.0.0/18"), parts.getFirst());
        assertEquals(Cidr.parse("10.255.192.0/18"), parts.getLast());
        assertEquals(parts.stream().sorted().distinct().toList(), parts);
    }
}
