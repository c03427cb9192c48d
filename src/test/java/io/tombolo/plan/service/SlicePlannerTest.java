package io.tombolo.plan.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.plan.service.ServicePlan.Slice;
import io.tombolo.plan.service.ServicePlan.SliceKind;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlicePlannerTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 99, 100, 150, 199, 1_000, 3_000})
    void anEndpointMoreChangesOneSliceOfEachKind(int endpoints) {
        Map<String, Slice> before = slices("Balanced", "east " + endpoints + "/" + endpoints);
        Map<String, Slice> after = slices("Balanced", "east " + (endpoints + 1) + "/" + (endpoints + 1));
        long same = before.entrySet().stream()
                .filter(e -> e.getValue().equals(after.get(e.getKey())))
                .count();
        if (before.size() == after.size()) {
            assertEquals(before.size() - 2, same);
        } else {
            assertTrue(after.size() > before.size(), "more slices for more endpoints");
        }
    }

    @Test
    void slicesHoldWhatTheApiServerTakes() {
        Map<String, Slice> slices = slices("Balanced", "east 9000/9000");
        assertTrue(slices.values().stream().allMatch(s -> s.endpoints().size() <= 1_000));
        assertEquals(
                18_000,
                slices.values().stream().mapToInt(s -> s.endpoints().size()).sum());
    }

    @Test
    void portsOfWhichOtherEndpointsRestHaveSlicesOfTheirOwn() {
        // on http, one of west's 4 beside the one of east's; on admin, all of them beside north's
        Map<String, Slice> slices =
                slices("Weighted west 1 east 1 north 1", "west http&admin:4/4, east http:1/1, north admin:4/4");
        Set<String> seen = new HashSet<>();
        slices.values().stream()
                .filter(s -> s.kind() == SliceKind.RECEIVING)
                .forEach(s -> seen.add(s.source() + " " + s.ports().getFirst().name() + " "
                        + s.endpoints().stream()
                                .filter(ExportedService.Endpoint::ready)
                                .count()));
        assertEquals(Set.of("west http 1", "east http 1", "west admin 4", "north admin 4"), seen);
    }

    @Test
    void anEndpointThatIsNotReadyStandsBesideTheChosenOnes() {
        List<Slice> west = slices("Weighted west 1 east 1", "west 3/4+1, east 1/1").values().stream()
                .filter(s -> s.kind() == SliceKind.RECEIVING && s.source().equals(Exports.WEST))
                .toList();
        assertEquals(1, west.size());
        assertEquals(
                List.of(false, false, true),
                west.getFirst().endpoints().stream()
                        .map(ExportedService.Endpoint::ready)
                        .sorted()
                        .toList());
    }

    private static Map<String, Slice> slices(String strategy, String world) {
        ServicePlan plan = ServicePlanner.plan(Exports.view(world, Exports.routing(strategy)));
        Map<String, Slice> byName = new TreeMap<>();
        for (Slice slice : plan.slices()) {
            assertEquals(null, byName.put(slice.name(), slice), "two slices of one name");
        }
        return byName;
    }
}
