package io.tombolo.gateway.probe;

import io.tombolo.problem.Problem;
import java.util.Optional;

/** What the probes say of a lane. */
public sealed interface PathState {
    /** No verdict yet. */
    record Unknown() implements PathState {}

    /**
     * Both sides hear each other.
     *
     * @param peerServing false where the peer's slot drains
     */
    record Up(boolean peerServing) implements PathState {}

    /** Silence, or the peer says that it does not hear us. */
    record Down(Problem reason) implements PathState {}

    default boolean isUp() {
        return this instanceof Up;
    }

    default Optional<Problem> problem() {
        return this instanceof Down(Problem reason) ? Optional.of(reason) : Optional.empty();
    }
}
