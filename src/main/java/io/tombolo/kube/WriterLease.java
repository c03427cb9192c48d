package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds a Lease whenever it can be had. Two may believe to hold it for a moment (a process that was stopped and
 * continued), so whoever writes under it stamps what it writes with the epoch: it grows with every holder, also where the Lease was
 * deleted and made again.
 */
public final class WriterLease implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(WriterLease.class.getName());
    // nothing that carries traffic waits for a writer: unhurried, so that a busy API server costs no change of writer
    private static final Duration LEASE = Duration.ofSeconds(15);
    private static final Duration RENEW_DEADLINE = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofSeconds(2);

    /** One a second for eleven days; behind that the fence stands still, and nothing else changes. */
    private static final int MOST_TRANSITIONS = 1_000_000;

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final String holder;
    private final LongConsumer started;
    private final Runnable stopped;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("lease").factory());
    private volatile boolean closed;
    private volatile @Nullable CompletableFuture<?> election;

    /**
     * Starts to contend; returns at once.
     *
     * @param holder who we are among the contenders, such as the pod's name
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
        this.client = client;
        this.namespace = namespace;
        this.name = name;
        this.holder = holder;
        this.started = started;
        this.stopped = stopped;
        thread.execute(this::contend);
    }

    /** Contends for as long as we live: an election that is lost ends, and the next begins. */
    private void contend() {
        while (!closed) {
            try {
                CompletableFuture<?> now = client.leaderElector()
                        .withConfig(new LeaderElectionConfigBuilder()
                                .withName(name)
                                .withLock(new LeaseLock(namespace, name, holder))
                                .withLeaseDuration(LEASE)
                                .withRenewDeadline(RENEW_DEADLINE)
                                .withRetryPeriod(RETRY)
                                .withReleaseOnCancel(true)
                                .withLeaderCallbacks(new LeaderCallbacks(this::lead, stopped, leader -> {}))
                                .build())
                        .build()
                        .start();
                election = now;
                if (closed) { // meanwhile, and close() saw the election before this one
                    now.cancel(true);
                }
                now.join();
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

    private static boolean pause() {
        try {
            Thread.sleep(RETRY);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void lead() {
        started.accept(epoch());
    }

    private long epoch() {
        try {
            Lease lease = client.leases().inNamespace(namespace).withName(name).get();
            if (lease == null) {
                throw new IllegalStateException("the lease we hold is gone");
            }
            return epoch(lease);
        } catch (KubernetesClientException e) {
            throw new IllegalStateException("cannot read the lease we hold", e);
        }
    }

    /** Seconds since 1970 of the Lease's creation, then six digits of its transitions: a new Lease starts above an old one. */
    static long epoch(Lease lease) {
        Integer transitions = lease.getSpec().getLeaseTransitions();
        long created = Instant.parse(lease.getMetadata().getCreationTimestamp()).getEpochSecond();
        return created * MOST_TRANSITIONS + (transitions == null ? 0 : Math.min(transitions, MOST_TRANSITIONS - 1));
    }

    @Override
    public void close() {
        closed = true;
        CompletableFuture<?> now = election;
        if (now != null) {
            now.cancel(true);
        }
        thread.shutdownNow();
    }
}
