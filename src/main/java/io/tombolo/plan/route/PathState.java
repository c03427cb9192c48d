package io.tombolo.plan.route;

import io.tombolo.problem.Problem;
import java.util.Collection;
import java.util.Optional;

/** What our probes say of a way to a gateway slot: a lane to a peer's, or the underlay to one of our own cluster. */
public sealed interface PathState {
    /** No verdict yet. */
    record Unknown() implements PathState {}

    /** Both sides hear each other. */
    record Up(SlotReport report) implements PathState {}

    /** Silence, or the other side says that it does not hear us. */
    record Down(Problem reason) implements PathState {}

    default boolean isUp() {
        return this instanceof Up;
    }

    /** Whether there is a verdict on any of the ways to choose from: until then what stands is left alone. */
    static boolean isAnyKnown(Collection<PathState> ways) {
        return ways.stream().anyMatch(way -> !(way instanceof Unknown));
    }

    default Optional<Problem> problem() {
        return this instanceof Down(Problem reason) ? Optional.of(reason) : Optional.empty();
    }
}
