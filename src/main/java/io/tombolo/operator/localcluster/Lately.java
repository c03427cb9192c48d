package io.tombolo.operator.localcluster;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What was done a moment ago and is not done again in every pass, though others may have undone it: for objects that we do
 * not watch. One thread at a time.
 *
 * @param <K> what it depends on
 */
final class Lately<K> {
    /** Well below the interval of passes for which nothing has happened, so that each of these does it. */
    private static final Duration LATELY = Duration.ofSeconds(30);

    private final InstantSource clock;
    private @Nullable K done;
    private Instant at = Instant.MIN;

    Lately(InstantSource clock) {
        this.clock = clock;
    }

    boolean did(K what) {
        Instant now = clock.instant();
        return what.equals(done) && !now.isBefore(at) && now.isBefore(at.plus(LATELY));
    }

    void done(K what) {
        done = what;
        at = clock.instant();
    }

    void forget() {
        done = null;
    }
}
