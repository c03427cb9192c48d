package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Aliases that cannot do what they are for. */
class NetworkDetectorTest {
    private static List<Finding> findings(String cidr, String alias, String... podCidrs) {
        LocalClusterSpec.Network network = new LocalClusterSpec.Network(
                List.of("10.42.0.0/16"), null, null, List.of(new LocalClusterSpec.Alias(cidr, alias)));
        LocalView.Node node = new LocalView.Node(
                "n1",
                Addresses.parse("192.0.2.11"),
                Stream.of(podCidrs).map(Cidr::parse).toList());
        return NetworkDetector.detect(
                        new LocalClusterSpec("west", null, network, null, null, null),
                        List.of(node),
                        () -> List.of(Cidr.parse("10.96.0.0/12")))
                .findings();
    }

    @Test
    void saysNothingOfAnAliasThatIsNobodys() {
        assertEquals(List.of(), findings("10.42.0.0/16", "100.66.0.0/16", "10.42.0.0/24"));
    }

    @ParameterizedTest
    @CsvSource({
        "10.42.0.0/16, 10.100.0.0/16, 10.42.0.0/24, 10.100.0.0/16 overlaps our services' 10.96.0.0/12",
        "10.42.0.0/24, 10.42.1.0/24, 10.42.0.0/24, 10.42.1.0/24 overlaps our pods' 10.42.0.0/16",
        "10.42.0.0/16, 192.0.0.0/16, 10.42.0.0/24, 192.0.0.0/16 holds node n1",
        "10.43.0.0/16, 100.66.0.0/16, 10.42.0.0/24, '10.43.0.0/16 holds no pod of ours, whose range is [10.42.0.0/16]'",
        "10.42.0.0/16, 100.66.0.0/16, , 'no node has spec.podCIDRs, so none knows for which pods it translates'",
    })
    void saysWhatIsWrongWithAnAlias(String cidr, String alias, String podCidr, String fault) {
        List<Finding> findings = podCidr == null ? findings(cidr, alias) : findings(cidr, alias, podCidr);
        assertEquals(List.of(Finding.of(Problem.ALIAS_UNUSABLE, "spec.network.aliases", fault)), findings);
    }

    @Test
    void saysThatPartsOfARangeAreMoreThanCanBeAnnounced() {
        LocalClusterSpec.Network network = new LocalClusterSpec.Network(
                List.of("10.42.0.0/16"),
                null,
                null,
                Stream.of(1, 40, 80, 120, 160, 200)
                        .map(i -> new LocalClusterSpec.Alias("10.42." + i + ".4/32", "100.66." + i + ".4/32"))
                        .toList());
        LocalView.Node node =
                new LocalView.Node("n1", Addresses.parse("192.0.2.11"), List.of(Cidr.parse("10.42.0.0/24")));
        List<Finding> findings = NetworkDetector.detect(
                        new LocalClusterSpec("west", null, network, null, null, null),
                        List.of(node),
                        () -> List.of(Cidr.parse("10.96.0.0/12")))
                .findings();
        assertEquals(Problem.ALIAS_UNUSABLE, findings.getFirst().problem());
        assertTrue(findings.getFirst().message().contains("more than 64 prefixes"));
    }
}
