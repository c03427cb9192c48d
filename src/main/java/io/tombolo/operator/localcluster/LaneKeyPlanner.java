package io.tombolo.operator.localcluster;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which lane key comes or goes next. One slot at a time, so that gateways that change never wait for each other; and two
 * generations at most, so that whoever has not followed when the slot's turn comes again is left behind.
 */
final class LaneKeyPlanner {
    /** Who asks twice in a row does not mean to leave anybody behind. */
    static final Duration IMPATIENCE = Duration.ofMinutes(1);

    private LaneKeyPlanner() {}

    /**
     * The keys of one slot.
     *
     * @param oldest generation that there is a key of, 1 and up
     * @param newest generation; above {@code oldest} while the slot changes to it
     * @param since when the newest was minted
     * @param taken whether every lane of the slot that anybody may use has the newest
     */
    record Slot(int slot, int oldest, int newest, Instant since, boolean taken) {
        private boolean isChanging() {
            return newest > oldest;
        }
    }

    /**
     * When keys are too old.
     *
     * @param every how old a key may get; empty: as old as it likes
     * @param asked whoever asked for new keys, for all that are older than this
     */
    record Schedule(Optional<Duration> every, Optional<Instant> asked) {
        /** When a key that was minted at {@code since} is to be followed by another. */
        private boolean isDue(Instant since, Duration impatience, Instant now) {
            return every.filter(age -> !since.plus(age).isAfter(now)).isPresent()
                    || asked.filter(at ->
                                    !at.isAfter(now) && since.plus(impatience).isBefore(at))
                            .isPresent();
        }
    }

    /** What to do with the keys of a slot. */
    sealed interface Step {
        int slot();

        /** Make the key of this generation beside the newest there is. */
        record Mint(int slot, int generation) implements Step {}

        /** Keep the newest key only. */
        record Retire(int slot) implements Step {}
    }

    static Optional<Step> next(Collection<Slot> slots, Schedule schedule, Instant now) {
        Optional<Slot> changing = slots.stream().filter(Slot::isChanging).findFirst();
        if (changing.isPresent()) {
            return changing.filter(slot -> slot.taken() || schedule.isDue(slot.since(), IMPATIENCE, now))
                    .map(slot -> new Step.Retire(slot.slot()));
        }
        return slots.stream()
                .filter(slot -> schedule.isDue(slot.since(), Duration.ZERO, now))
                .min(Comparator.comparing(Slot::slot))
                .map(slot -> new Step.Mint(slot.slot(), slot.newest() + 1));
    }
}
