package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a Lease whenever it can be had. A process that was stopped and continued believes in what it held until its next
 * turn to renew: so whoever writes under the Lease asks {@link #holds} before each write, and stamps what it writes with
 * the epoch, for a write may be on its way for long. The epoch grows with every holder, also where the Lease was deleted
 * and made again.
 */
public final class WriterLease implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WriterLease.class.getName());
    // nothing that carries traffic waits for a writer: unhurried, so that a busy API server costs no change of writer
    private static final Timing TIMING =
            new Timing(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));

    /**
     * @param lease after which the Lease is another's; whole seconds
     * @param renewal for how long we write after we asked for it: shorter than {@code lease} by what a write may take
     * @param retry between two tries
     */
    record Timing(Duration lease, Duration renewal, Duration retry) {}

    private static final Duration GIVING_UP = Duration.ofSeconds(1);

    /** One a second for eleven days; behind that the fence stands still, and nothing else changes. */
    private static final int MOST_TRANSITIONS = 1_000_000;

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final String holder;
    private final Timing timing;
    private final LongConsumer started;
    private final Runnable stopped;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("lease").factory());
    private volatile boolean closed;
    private volatile long epoch = -1;
    /** The epoch of the Lease as we last saw or made it ours. */
    private volatile long noted = -1;
    /** Until when nobody else can have the Lease, as {@link System#nanoTime}; it goes on while the process is stopped. */
    private volatile long until = System.nanoTime();

    private volatile long heard = System.nanoTime();
    private volatile @Nullable CompletableFuture<?> election;

    /**
     * Starts to contend; returns at once.
     *
     * @param holder who we are among the contenders: who has it renews the Lease and its epoch, so it names one pod,
     *     not the place that pods take one after the other
     * @param started told the epoch when the Lease is ours
     * @param stopped told when it is no more
     */
    public WriterLease(
            KubernetesClient client,
            String namespace,
            String name,
            String holder,
            LongConsumer started,
            Runnable stopped) {
        this(client, namespace, name, holder, TIMING, started, stopped);
    }

    WriterLease(
            KubernetesClient client,
            String namespace,
            String name,
            String holder,
            Timing timing,
            LongConsumer started,
            Runnable stopped) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
        this.holder = holder;
        this.timing = timing;
        this.started = started;
        this.stopped = stopped;
        thread.execute(this::contend);
    }

    /**
     * Contends for as long as we live: an election that is lost ends, and the next begins. The elector is silent for ever
     * after an exception it does not expect, so it meets none: neither from {@link TimedLock} nor from the callbacks, whose
     * exceptions end the election here.
     */
    private void contend() {
        while (!closed) {
            CompletableFuture<Void> broken = new CompletableFuture<>();
            try {
                CompletableFuture<?> now = client.leaderElector()
                        .withConfig(new LeaderElectionConfigBuilder()
                                .withName(name)
                                .withLock(new TimedLock())
                                .withLeaseDuration(timing.lease())
                                .withRenewDeadline(timing.renewal())
                                .withRetryPeriod(timing.retry())
                                .withReleaseOnCancel(true)
                                .withLeaderCallbacks(new LeaderCallbacks(
                                        () -> called(this::lead, broken), () -> called(stopped, broken), leader -> {}))
                                .build())
                        .build()
                        .start();
                election = now;
                if (closed) { // meanwhile, and close() saw the election before this one
                    now.cancel(true);
                }
                try {
                    CompletableFuture.anyOf(now, broken).join();
                } finally {
                    if (broken.isDone()) { // else close() cancels, and waits until the Lease is given up
                        now.cancel(true);
                    }
                }
            } catch (RuntimeException e) {
                if (!closed) {
                    LOG.log(System.Logger.Level.WARNING, () -> "the election for lease " + name + " begins again", e);
                }
            }
            if (!closed && !pause()) {
                return;
            }
        }
    }

    private static void called(Runnable callback, CompletableFuture<?> broken) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            broken.completeExceptionally(e);
        }
    }

    private boolean pause() {
        try {
            Thread.sleep(timing.retry());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void lead() {
        long now = noted;
        epoch = now;
        started.accept(now);
    }

    /** Whether the Lease is ours in this epoch, and nobody else's before five seconds from now. */
    public boolean holds(long epoch) {
        return !closed && this.epoch == epoch && until - System.nanoTime() > 0;
    }

    /** How long the API server has not answered us: it is asked every few seconds, whoever holds the Lease. */
    public Duration silence() {
        return Duration.ofNanos(System.nanoTime() - heard);
    }

    /** Seconds since 1970 of the Lease's creation, then six digits of its transitions: a new Lease starts above an old one. */
    static long epoch(Instant created, int transitions) {
        return created.getEpochSecond() * MOST_TRANSITIONS + Math.min(transitions, MOST_TRANSITIONS - 1);
    }

    /** Notes what each renewal is good for, counted from before it was asked for, and in which epoch. */
    private final class TimedLock extends LeaseLock {
        private long asked = System.nanoTime();
        private Instant created = Instant.EPOCH;

        TimedLock() {
            super(namespace, name, holder);
        }

        @Override
        public synchronized @Nullable LeaderElectionRecord get(KubernetesClient client) {
            asked = System.nanoTime();
            return readable(() -> {
                LeaderElectionRecord found = super.get(client);
                heard = System.nanoTime();
                if (found != null) { // one that names us makes us leader before it is renewed
                    noteEpoch(found);
                }
                return found;
            });
        }

        @Override
        protected @Nullable LeaderElectionRecord toRecord(Lease lease) {
            heard = System.nanoTime(); // also where it cannot be read
            created = Instant.parse(lease.getMetadata().getCreationTimestamp());
            return super.toRecord(lease);
        }

        @Override
        public synchronized void create(KubernetesClient client, LeaderElectionRecord record) {
            super.create(client, record);
            if (readable(() -> super.get(client)) == null) { // asked for when it was created
                throw new KubernetesClientException("lease " + namespace + "/" + name + " is gone again");
            }
            note(record);
        }

        @Override
        public synchronized void update(KubernetesClient client, LeaderElectionRecord record) {
            super.update(client, record);
            note(record);
        }

        private void note(LeaderElectionRecord record) {
            until = noteEpoch(record) ? asked + timing.renewal().toNanos() : asked;
        }

        private boolean noteEpoch(LeaderElectionRecord record) {
            boolean ours = holder.equals(record.getHolderIdentity());
            if (ours) {
                noted = epoch(created, record.getLeaderTransitions());
            }
            return ours;
        }

        /** A Lease that misses a field, as people can make it, is one that cannot be had: the elector tries again. */
        private @Nullable LeaderElectionRecord readable(Supplier<@Nullable LeaderElectionRecord> read) {
            try {
                return read.get();
            } catch (KubernetesClientException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new KubernetesClientException(
                        "lease " + namespace + "/" + name + " cannot be read; delete it, and it is made anew", e);
            }
        }
    }

    /** Gives the Lease up, so that nobody waits for its end; an API server that is away is asked for a second, no longer. */
    @Override
    public void close() {
        closed = true;
        CompletableFuture<?> now = election;
        if (now != null) {
            try {
                Thread.ofVirtual().start(() -> now.cancel(true)).join(GIVING_UP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread.shutdownNow();
    }
}
