package io.tombolo.kernel;

import io.tombolo.host.CommandRunner;
import io.tombolo.host.KernelEvent;
import io.tombolo.host.KernelEvents;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a pass when somebody else touches what is ours in the kernel. What we do ourselves is told apart by the process
 * that did it; where that fails there is one pass too many, which changes nothing and so is the last.
 */
public final class DriftWatch implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(DriftWatch.class.getName());

    /**
     * Whoever takes ours away again and again (a daemon that clears away what it does not know) costs a pass, some ten
     * processes, in this time; and even then it is back within a second.
     */
    private static final long INTERVAL_NANOS = Duration.ofMillis(500).toNanos();

    /** So many passes are asked for at once, whatever was before a while ago: what one person does is answered. */
    private static final int BURST = 5;

    private final CommandRunner runner;
    private final Predicate<KernelEvent> ours;
    private final Runnable changed;
    private final @Nullable KernelEvents events;
    /** When all that was asked for would be paid for; {@code System.nanoTime}. */
    private long paid = System.nanoTime();

    /**
     * @param runner by which we change the kernel: what its processes do is no drift
     * @param ours what concerns the caller; asked for everything that anybody changes, so it must be quick
     * @param changed may take its time
     */
    public DriftWatch(CommandRunner runner, Predicate<KernelEvent> ours, Runnable changed) {
        this.runner = runner;
        this.ours = ours;
        this.changed = changed;
        KernelEvents listening = null;
        try {
            listening = KernelEvents.listen(this::told);
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "the kernel does not tell of changes ({0}): what others take away is put back when we look again",
                    e.getMessage());
        }
        events = listening;
    }

    private void told(Set<KernelEvent> said) {
        if (said.stream().noneMatch(this::isNews)) {
            return;
        }
        long now = System.nanoTime();
        paid = Math.max(paid, now) + INTERVAL_NANOS;
        long wait = paid - now - BURST * INTERVAL_NANOS;
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, wait)));
            changed.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    private boolean isNews(KernelEvent event) {
        return event instanceof KernelEvent.Overrun || ours.test(event) && !runner.started(event.sender());
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }
}
