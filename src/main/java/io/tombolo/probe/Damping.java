package io.tombolo.probe;

import java.time.Duration;

/**
 * Whether a way is lost so often that any other is the better one, as RFC 2439 has it for routes: every loss counts one, and
 * half of what was counted is forgotten in {@link #HALF_LIFE}. Time comes in as nanoseconds.
 */
final class Damping {
    /** Of a way that is lost every other second the third loss is one too many; one that is lost every eight is borne. */
    static final Duration HALF_LIFE = Duration.ofSeconds(5);

    /** More than so many losses, and the way is avoided, until less than {@link #USED} of them is left. */
    private static final double AVOIDED = 2;

    private static final double USED = 1;

    private double losses;
    private long lastLoss;
    private boolean avoided;

    void lost(long now) {
        losses = left(now) + 1;
        lastLoss = now;
        avoided |= losses > AVOIDED;
    }

    /** Ten seconds at most after the last loss of a way that was lost every other second, it is not. */
    boolean isAvoided(long now) {
        avoided &= left(now) >= USED;
        return avoided;
    }

    private double left(long now) {
        return losses * Math.pow(0.5, (double) (now - lastLoss) / HALF_LIFE.toNanos());
    }
}
