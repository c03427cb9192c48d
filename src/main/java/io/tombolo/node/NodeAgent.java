package io.tombolo.node;

import io.tombolo.handover.MalformedDocumentException;
import io.tombolo.host.StateDirectory;
import io.tombolo.kernel.DriftWatch;
import io.tombolo.plan.removal.Evidence;
import io.tombolo.plan.removal.Removal;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the node as the last document says: on every change, when the kernel tells that others touched what is ours,
 * and every ten seconds whatever is told. One thread applies; the watch only leaves its latest word.
 */
final class NodeAgent implements NetworkWatch.Listener {
    private static final System.Logger LOG = System.getLogger(NodeAgent.class.getName());
    private static final long RESYNC_MILLIS = 10_000;
    private static final long LOOK_AGAIN_MILLIS = 300;
    private static final String NETWORK = "network.json";
    private static final String EXPORTS = "exports";
    private static final String READY = "ready";

    private final NodePlane plane;
    private final Steering steering;
    private final StateDirectory state;
    private final Consumer<NodeReporter.Report> reports;
    private final CountDownLatch ended = new CountDownLatch(1);
    private Desired desired = new Desired.Unknown();
    private boolean changed = true;
    private boolean stopping;
    private boolean ready;
    private NodeReporter.@Nullable Report reported;

    /** What the operator wants, as far as we know. */
    private sealed interface Desired {
        /** Neither the API server nor the disk has said: the kernel stays as it is. */
        record Unknown() implements Desired {}

        record Installed(Handed handed) implements Desired {}

        record Gone(Evidence proof) implements Desired {}
    }

    NodeAgent(NodePlane plane, StateDirectory state, Consumer<NodeReporter.Report> reports) throws IOException {
        this.plane = plane;
        this.steering = new Steering(plane, this::touched);
        this.state = state;
        this.reports = reports;
        state.delete(READY);
        load().ifPresent(handed -> desired = new Desired.Installed(handed));
    }

    private Optional<Handed> load() throws IOException {
        return switch (state.read(NETWORK)) {
            case StateDirectory.Stored.Absent _ -> Optional.empty();
            case StateDirectory.Stored.Corrupt(String reason) -> {
                LOG.log(Level.WARNING, "state ignored: {0}", reason);
                yield Optional.empty();
            }
            case StateDirectory.Stored.Whole network -> {
                String exports = state.read(EXPORTS) instanceof StateDirectory.Stored.Whole whole ? whole.text() : "";
                try {
                    yield Optional.of(Handed.parse(network.text(), exports));
                } catch (MalformedDocumentException e) {
                    LOG.log(Level.WARNING, "state ignored: {0}", e.getMessage());
                    yield Optional.empty();
                }
            }
        };
    }

    @Override
    public void present(String network, String exports) {
        try {
            Handed handed = Handed.parse(network, exports);
            synchronized (this) {
                become(new Desired.Installed(handed));
            }
            remember(network, exports);
        } catch (MalformedDocumentException e) {
            LOG.log(Level.WARNING, "{0}; the last good document stays in force", e.getMessage());
        }
    }

    private void remember(String network, String exports) {
        try {
            // exports first: a document without its exports would let nothing in, the reverse does no harm
            state.write(EXPORTS, exports);
            state.write(NETWORK, network);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "state not written: {0}", e.getMessage());
        }
    }

    @Override
    public synchronized void absent(Evidence proof) {
        if (Removal.whileRunning(proof) == Removal.Decision.CLEAN) {
            become(new Desired.Gone(proof));
        }
    }

    private synchronized void become(Desired next) {
        if (!next.equals(desired)) {
            desired = next;
            changed = true;
            notifyAll();
        }
    }

    /** The kernel, or what is seen of the gateways, may not be as it was: we look. */
    private synchronized void touched() {
        changed = true;
        notifyAll();
    }

    /** Applies until told to stop. */
    void run() throws InterruptedException {
        try (steering;
                DriftWatch _ = plane.watch(this::touched)) {
            keep();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing the probes", e);
        } finally {
            ended.countDown();
        }
    }

    private void keep() throws InterruptedException {
        for (Optional<Desired> next = next(RESYNC_MILLIS); next.isPresent(); next = next(RESYNC_MILLIS)) {
            switch (next.get()) {
                case Desired.Unknown _ -> {}
                case Desired.Installed(Handed handed) -> apply(handed);
                case Desired.Gone(Evidence proof) -> clean(proof);
            }
        }
    }

    private synchronized Optional<Desired> next(long limitMillis) throws InterruptedException {
        if (!changed && !stopping) {
            wait(limitMillis);
        }
        changed = false;
        return stopping ? Optional.empty() : Optional.of(desired);
    }

    private void apply(Handed handed) {
        steering.update(handed);
        NodePlane.Outcome outcome = plane.apply(handed, steering::seen, steering.isSettled(handed));
        outcome.changes().forEach(change -> LOG.log(Level.INFO, "{0}", change));
        ready(outcome.ready());
        NodeReporter.Report before = reported;
        int prefixes = handed.network().peers().stream()
                .mapToInt(p -> p.prefixes().size())
                .sum();
        boolean same = before != null
                && outcome.changes().isEmpty()
                && before.remotePrefixes() == prefixes
                && before.findings().equals(outcome.findings());
        if (!same) {
            outcome.findings()
                    .forEach(f -> LOG.log(Level.WARNING, "{0}: {1}", f.problem().reason(), f.message()));
            reported = new NodeReporter.Report(NodeRole.VERSION, Instant.now(), prefixes, outcome.findings());
            reports.accept(reported);
        }
    }

    /** Idempotent: while the installation stays away it is done again, and finds nothing. */
    private void clean(Evidence proof) {
        List<String> failures = plane.remove();
        if (failures.isEmpty()) {
            forget();
        }
        failures.forEach(failure -> LOG.log(Level.ERROR, "{0}, and not removed: {1}", proof, failure));
        ready(false); // a file of ours, too; and nobody waits for an agent whose installation is gone
    }

    private void forget() {
        try {
            state.delete(NETWORK);
            state.delete(EXPORTS);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "state not removed: {0}", e.getMessage());
        }
    }

    private void ready(boolean now) {
        if (now == ready) {
            return;
        }
        try {
            if (now) {
                state.write(READY, "");
            } else {
                state.delete(READY);
            }
            ready = now;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "readiness not written: {0}", e.getMessage());
        }
    }

    /** Ends {@link #run} after its present pass. */
    synchronized void stop() {
        stopping = true;
        notifyAll();
    }

    /**
     * After SIGTERM and {@link #stop}, once {@link #run} has ended: an upgrade, or the end? The watch goes on meanwhile.
     *
     * @param witness asks the API server
     * @return the evidence that decided, and whether the node was cleaned
     */
    Stopped decide(Supplier<Evidence> witness) throws InterruptedException {
        long began = System.nanoTime();
        if (!ended.await(Removal.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            return new Stopped(Evidence.SILENCE, false); // a tool hangs: cleaning would, too
        }
        while (true) {
            Evidence evidence = goneByWatch().orElseGet(witness);
            Duration waited = Duration.ofNanos(System.nanoTime() - began);
            switch (Removal.whenStopping(evidence, waited)) {
                case KEEP -> {
                    return new Stopped(evidence, false);
                }
                case CLEAN -> {
                    clean(evidence);
                    return new Stopped(evidence, true);
                }
                case WAIT -> awaitWatch();
            }
        }
    }

    /** How it ended. */
    record Stopped(Evidence evidence, boolean cleaned) {}

    private synchronized Optional<Evidence> goneByWatch() {
        return desired instanceof Desired.Gone(Evidence proof) ? Optional.of(proof) : Optional.empty();
    }

    private synchronized void awaitWatch() throws InterruptedException {
        if (!changed) {
            wait(LOOK_AGAIN_MILLIS);
        }
        changed = false;
    }
}
