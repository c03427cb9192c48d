package io.tombolo.plan.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ServicePlannerPropertyTest {
    @Property(tries = 3_000)
    void theOrderOfInputsNeverChangesThePlan(@ForAll long seed) {
        Random random = new Random(seed);
        String world = Stream.of("west", "east", "north")
                .map(c -> c + pool(random, "http") + pool(random, "admin") + (random.nextInt(5) == 0 ? " dead" : ""))
                .collect(Collectors.joining(", "));
        Routing routing = routing(random);
        List<Export> exports = new ArrayList<>(Exports.parse(world));
        ServicePlan plan = ServicePlanner.plan(Exports.view(exports, routing));
        Collections.shuffle(exports, random);
        exports.replaceAll(e -> shuffled(e, random));
        assertEquals(plan, ServicePlanner.plan(Exports.view(exports, routing)), world + " " + routing);
    }

    @Property(tries = 5_000)
    void aClusterHasLessThanOneEndpointMoreOrLessThanItsWeightGives(@ForAll long seed) {
        Random random = new Random(seed);
        List<Apportionment.Claim> claims = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(5); i++) {
            claims.add(new Apportionment.Claim(
                    new ClusterId("c" + i),
                    1 + random.nextInt(random.nextBoolean() ? 10 : 1000),
                    1 + random.nextInt(random.nextBoolean() ? 8 : 500)));
        }
        Apportionment apportionment = Apportionment.of(claims);
        double weights = claims.stream().mapToInt(Apportionment.Claim::weight).sum();
        int chosen = apportionment.parts().stream()
                .mapToInt(Apportionment.Part::chosen)
                .sum();
        assertTrue(chosen > 0);
        for (Apportionment.Part part : apportionment.parts()) {
            assertTrue(part.chosen() <= part.claim().ready(), apportionment::toString);
            assertTrue(Math.abs(part.chosen() - chosen * part.claim().weight() / weights) < 1, apportionment::toString);
        }
    }

    @Property(tries = 1_000)
    void anEndpointThatComesDisplacesOneAtMost(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int count, @ForAll @IntRange(max = 60) int chosen) {
        Set<InetAddress> endpoints = new HashSet<>();
        IntStream.range(0, count).forEach(i -> endpoints.add(address(seed, i)));
        List<InetAddress> before = EndpointOrder.of(Exports.WEST, Exports.WEB, endpoints);
        endpoints.add(address(seed, count));
        List<InetAddress> after = EndpointOrder.of(Exports.WEST, Exports.WEB, endpoints);
        Set<InetAddress> gone = new HashSet<>(before.subList(0, Math.min(chosen, before.size())));
        after.subList(0, Math.min(chosen, after.size())).forEach(gone::remove);
        assertTrue(gone.size() <= 1, gone::toString);
    }

    private static InetAddress address(long seed, int i) {
        return Addresses.of(new byte[] {10, 52, (byte) (seed & 0x7f), (byte) i});
    }

    private static String pool(Random random, String port) {
        int staying = random.nextInt(6);
        return " " + port + ":" + random.nextInt(staying + 1) + "/" + staying + "+" + random.nextInt(2);
    }

    private static Routing routing(Random random) {
        return Exports.routing(
                switch (random.nextInt(4)) {
                    case 0 -> "LocalFirst";
                    case 1 -> "Balanced";
                    case 2 ->
                        "Weighted west " + random.nextInt(100) + " east " + (1 + random.nextInt(100)) + " north "
                                + random.nextInt(100);
                    default -> "Ordered " + (1 + random.nextInt(100)) + " north west east";
                });
    }

    private static Export shuffled(Export export, Random random) {
        List<EndpointGroup> groups = new ArrayList<>();
        for (EndpointGroup group : export.service().endpoints()) {
            List<ExportedService.Endpoint> endpoints = new ArrayList<>(group.endpoints());
            Collections.shuffle(endpoints, random);
            groups.add(new EndpointGroup(group.ipv6(), group.ports(), endpoints));
        }
        Collections.shuffle(groups, random);
        ExportedService service = export.service();
        return new Export(
                export.cluster(),
                new ExportedService(
                        service.name(),
                        service.created(),
                        service.headless(),
                        service.ports(),
                        service.ipFamilies(),
                        service.sessionAffinity(),
                        service.sessionAffinityTimeout(),
                        service.internalTrafficPolicy(),
                        service.trafficDistribution(),
                        service.labels(),
                        service.annotations(),
                        service.toClusters(),
                        groups),
                export.live(),
                export.shared());
    }
}
