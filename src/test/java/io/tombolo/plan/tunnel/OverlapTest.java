package io.tombolo.plan.tunnel;

import static io.tombolo.plan.tunnel.Views.announcement;
import static io.tombolo.plan.tunnel.Views.announcing;
import static io.tombolo.plan.tunnel.Views.cidrs;
import static io.tombolo.plan.tunnel.Views.link;
import static io.tombolo.plan.tunnel.Views.west;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Clusters with the same pod range, and what they are told. West has 10.42.0.0/16 and fd42::/48. */
class OverlapTest {
    private static final Pattern ADVICE =
            Pattern.compile("\\{cidr: (\\S+), alias: (\\S+)} in east and \\{cidr: (\\S+), alias: (\\S+)} here$");

    private static Aliases aliases(String cidr, String alias) {
        return new Aliases(List.of(new Aliases.Alias(Cidr.parse(cidr), Cidr.parse(alias))));
    }

    private static LocalView called(String name, LocalView view) {
        return new LocalView(
                new ClusterId(name),
                view.identity(),
                view.port(),
                view.gateways(),
                view.nodes(),
                view.podCidrs(),
                view.serviceCidrs(),
                view.protectedAddresses(),
                view.protectedCidrs());
    }

    private static Finding refusal(LocalView local, LinkView link, String... prefixes) {
        return TopologyPlanner.acceptable(local, List.of(), link, announcement(link, prefixes))
                .orElseThrow();
    }

    @Test
    void aClusterWithAnAliasAnnouncesItAndNotItsPods() {
        assertEquals(
                cidrs("100.66.0.0/16", "fd42::/48"),
                west().under(aliases("10.42.0.0/16", "100.66.0.0/16")).announced());
    }

    @Test
    void threeClustersOfWhichTwoOverlapAcceptEachOtherWhereThoseTwoHaveAliases() {
        Map<String, String> announced =
                Map.of("west", "100.66.0.0/16", "east", "100.67.0.0/16", "north", "10.60.0.0/16");
        LocalView west = west().under(aliases("10.42.0.0/16", "100.66.0.0/16"));
        LocalView east = called("east", west()).under(aliases("10.42.0.0/16", "100.67.0.0/16"));
        LocalView north = new LocalView(
                new ClusterId("north"),
                west.identity(),
                west.port(),
                west.gateways(),
                west.nodes(),
                cidrs("10.60.0.0/16"),
                cidrs("10.96.0.0/12"),
                List.of(),
                List.of());
        for (LocalView local : List.of(west, east, north)) {
            List<LinkView> links = new ArrayList<>();
            announced.forEach((name, prefix) -> {
                if (!name.equals(local.clusterId().value())) {
                    links.add(announcing(
                            link(name, 1 + List.of("west", "east", "north").indexOf(name)), prefix));
                }
            });
            Topology topology = TopologyPlanner.plan(local, links);
            assertEquals(Map.of(), topology.findings(), () -> "in " + local.clusterId());
            assertEquals(
                    announced.entrySet().stream()
                            .filter(e -> !e.getKey().equals(local.clusterId().value()))
                            .map(e -> Cidr.parse(e.getValue()))
                            .sorted()
                            .toList(),
                    topology.remotePrefixes());
        }
    }

    @Test
    void thePodsOfAClusterAndItsAliasAreBothNobodyElses() {
        LocalView west = west().under(aliases("10.42.0.0/16", "100.66.0.0/16"));
        LinkView east = link("east", 1);
        assertEquals(
                Problem.CIDR_OVERLAP_LOCAL, refusal(west, east, "10.42.1.0/24").problem());
        Finding alias = refusal(west, east, "100.66.1.0/24");
        assertEquals(Problem.CIDR_OVERLAP_LOCAL, alias.problem());
        assertTrue(alias.message().contains("100.66.0.0/16 (this cluster's alias of 10.42.0.0/16)"), alias::message);
    }

    @Test
    void bothAreToldTheSameAliasesAndWithThoseTheyAcceptEachOther() {
        LinkView east = link("east", 1);
        LinkView west = link("west", 2);
        Matcher inWest = ADVICE.matcher(refusal(west(), east, "10.42.0.0/16").message());
        Matcher inEast = Pattern.compile(ADVICE.pattern().replace("in east", "in west"))
                .matcher(refusal(called("east", west()), west, "10.42.0.0/16").message());
        assertTrue(inWest.find() && inEast.find());
        assertEquals(inWest.group(2), inEast.group(4));
        assertEquals(inWest.group(4), inEast.group(2));

        LocalView mended = west().under(aliases(inWest.group(3), inWest.group(4)));
        assertEquals(
                Optional.empty(),
                TopologyPlanner.acceptable(mended, List.of(), east, announcement(east, inWest.group(2))));
    }

    @Test
    void whoHasAnAliasAlreadyIsToldTheOthersAlone() {
        LocalView west = west().under(aliases("10.42.0.0/16", "100.66.0.0/16"));
        String message = refusal(west, link("east", 1), "10.42.7.0/24").message();
        assertTrue(
                message.matches(
                        ".*; in spec.network.aliases of LocalCluster, set \\{cidr: 10.42.0.0/16, alias: 100[^}]*} in east"),
                message);
    }

    @Test
    void theAdviceForIpv6IsAsLongAsThePrefix() {
        String message = refusal(west(), link("east", 1), "fd42::/48").message();
        assertTrue(ADVICE.matcher(message).find(), message);
        assertTrue(message.contains("{cidr: fd42::/48, alias: fd64:"), message);
    }

    @Test
    void aGatewaysLanesCarryTheAliasOfItsNodesAddress() {
        LocalView west = west().under(aliases("10.42.0.0/16", "100.66.0.0/16"));
        Topology topology = TopologyPlanner.plan(west, List.of(announcing(link("east", 1), "10.52.0.0/16")));
        assertTrue(DevicePlan.of(topology, 0, "n11", 1420).orElseThrow().lanes().getFirst().addresses().stream()
                .anyMatch(Cidr.parse("100.66.0.0/32")::equals));
    }
}
