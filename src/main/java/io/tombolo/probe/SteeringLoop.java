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

    private final Duration again;
    private final Consumer<W> act;
    private final Thread thread;
    private @Nullable W world;
    private boolean pending;
    private boolean closed;

    /**
     * @param name of the thread
     * @param act called on the loop's thread; what it throws is logged, and the loop goes on
     */
    public SteeringLoop(String name, Consumer<W> act) {
        this(name, Duration.ZERO, act);
    }

    /** @param again after which it acts without a signal, too; zero: never */
    public SteeringLoop(String name, Duration again, Consumer<W> act) {
        this.again = again;
        this.act = act;
        thread = Thread.ofPlatform().name(name).daemon().start(this::loop);
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
                    LOG.log(Level.ERROR, "left to the next time", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Empty: closed. */
    private synchronized Optional<W> next() throws InterruptedException {
        if (!pending && !closed) {
            wait(again.toMillis()); // zero: until somebody signals
        }
        while (!closed && (world == null || !pending && again.isZero())) {
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
