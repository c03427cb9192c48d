package io.tombolo.services;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LeftOutTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final ClusterId NORTH = new ClusterId("north");

    private final LeftOut leftOut = new LeftOut();

    @Test
    void saysOneThingOfEachProblemHoweverManyServicesHaveIt() {
        IntStream.range(0, 1_000).forEach(i -> leftOut.note(EAST, name("s" + i), List.of(outside("s" + i))));
        Finding hostname = Finding.of(Problem.HOSTNAME_INVALID, "endpoints", "shop/s7: web is taken");
        leftOut.note(EAST, name("s7"), List.of(outside("s7"), hostname));

        assertEquals(
                List.of(
                        Finding.of(
                                Problem.ENDPOINT_OUT_OF_RANGE,
                                "endpoints",
                                outside("s0").message() + "; and in 999 more services"),
                        hostname),
                leftOut.of(EAST));
        assertEquals(List.of(), leftOut.of(NORTH));
    }

    @Test
    void forgetsWhatWasCorrectedAndPeersThatAreGone() {
        leftOut.note(EAST, name("web"), List.of(outside("web")));
        leftOut.note(NORTH, name("web"), List.of(outside("web")));

        leftOut.note(EAST, name("web"), List.of());
        leftOut.retain(Set.of(EAST));

        assertEquals(List.of(), leftOut.of(EAST));
        assertEquals(List.of(), leftOut.of(NORTH));
    }

    private static NamespacedName name(String name) {
        return new NamespacedName("shop", name);
    }

    private static Finding outside(String name) {
        return Finding.of(
                Problem.ENDPOINT_OUT_OF_RANGE,
                "endpoints",
                "shop/" + name + ": endpoint 10.9.0.1 is outside the peer's prefixes");
    }
}
