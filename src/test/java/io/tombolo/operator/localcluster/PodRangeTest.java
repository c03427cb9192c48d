package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.LocalView;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PodRangeTest {
    @Test
    void joinsWhatIsExactlyOneRange() {
        assertEquals("[10.42.0.0/22]", range("10.42.3.0/24", "10.42.0.0/24", "10.42.1.0/24", "10.42.2.0/24"));
    }

    @Test
    void claimsNothingThatIsNoNodes() {
        assertEquals("[10.42.1.0/24, 10.42.2.0/24]", range("10.42.1.0/24", "10.42.2.0/24"));
        assertEquals("[10.42.0.0/23, 10.42.5.0/24]", range("10.42.0.0/24", "10.42.1.0/24", "10.42.5.0/24"));
    }

    @Test
    void keepsFamiliesApart() {
        assertEquals("[10.42.0.0/24, fd42::/64]", range("10.42.0.0/24", "fd42::/64"));
    }

    @Test
    void isEmptyForOneFlatPool() {
        assertEquals("[]", range());
    }

    @Test
    void widensWhereScatteredNodesWouldTakeTooManyPrefixes() {
        List<String> scattered = IntStream.range(0, 100)
                .mapToObj(i -> "10.42." + 2 * i + ".0/24")
                .toList();
        List<Cidr> range = PodRange.ofNodes(nodes(scattered.toArray(String[]::new)));

        assertTrue(range.size() <= PodRange.MOST, range.toString());
        assertTrue(scattered.stream().map(Cidr::parse).allMatch(c -> c.isCoveredBy(range)), range.toString());
        assertTrue(range.stream().allMatch(c -> Cidr.parse("10.42.0.0/16").contains(c)), range.toString());
    }

    private static String range(String... podCidrs) {
        return PodRange.ofNodes(nodes(podCidrs)).toString();
    }

    private static List<LocalView.Node> nodes(String... podCidrs) {
        return Stream.of(podCidrs)
                .map(c -> new LocalView.Node("n-" + c, Addresses.parse("192.168.1.1"), List.of(Cidr.parse(c))))
                .toList();
    }
}
