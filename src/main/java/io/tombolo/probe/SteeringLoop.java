package io.tombolo.probe;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Acts on what is seen as soon as it is seen, on a thread of its own, since a pass takes its time. Many signals make one
 * act, and every act is given the newest world.
 *
 * @param <W> the world that is acted on
 */
public final class SteeringLoop<W> implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(SteeringLoop.class.getName());

    private final Consumer<W> act;
    private final Thread thread;
    private @Nullable W world;
    private boolean pending;
    private boolean closed;

    /** @param act called on the loop's thread; what it throws is logged, and the loop goes on */
    public SteeringLoop(Consumer<W> act) {
        this.act = act;
        thread = Thread.ofPlatform().name("steer").daemon().start(this::loop);
    }

    /** Acts on this world from now on, and at once. */
    public synchronized void follow(W now) {
        world = now;
        signal();
    }

    /** Something is seen otherwise. Nothing is done before there is a world. */
    public synchronized void signal() {
        pending = true;
        notifyAll();
    }

    private void loop() {
        try {
            for (Optional<W> next = next(); next.isPresent(); next = next()) {
                try {
                    act.accept(next.get());
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "the next pass steers", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Empty: closed. */
    private synchronized Optional<W> next() throws InterruptedException {
        while (!closed && (!pending || world == null)) {
            wait();
        }
        pending = false;
        return closed ? Optional.empty() : Optional.ofNullable(world);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
