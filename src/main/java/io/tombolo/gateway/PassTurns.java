package io.tombolo.gateway;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When the next pass begins: at once where the world may have changed. What the probes see is steered by without a pass,
 * so the pass that follows joins many changes and leaves the machine alone for as long as the last one took: on a busy one
 * probes starve, and passes that follow each of them starve whatever else there is to do.
 */
final class PassTurns {
    /** What the probes see within this time makes one pass. */
    private static final Duration JOINED = Duration.ofMillis(500);

    private boolean now = true;
    /** When a pass for what the probes see is due, as {@link System#nanoTime}; null: they see what the last one saw. */
    private @Nullable Long due;

    private Duration took = Duration.ZERO;

    /** The world may have changed. Many calls make one pass. */
    synchronized void worldChanged() {
        now = true;
        notifyAll();
    }

    /** A path is seen otherwise. */
    synchronized void pathsChanged() {
        if (due == null) {
            due = System.nanoTime() + (took.compareTo(JOINED) > 0 ? took : JOINED).toNanos();
            notifyAll();
        }
    }

    /** @param took how long the pass lasted that has just ended */
    synchronized void ended(Duration took) {
        this.took = took;
    }

    /** Waits until a pass is due, or for as long as {@code limit}; what changes from then on is the next one's. */
    synchronized void await(Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        while (!now) {
            long next = due == null || until - due < 0 ? until : due;
            long left = Duration.ofNanos(next - System.nanoTime()).toMillis();
            if (left <= 0) {
                break;
            }
            wait(left);
        }
        now = false;
        due = null;
    }
}
