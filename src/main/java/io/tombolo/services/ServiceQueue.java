package io.tombolo.services;

import io.tombolo.net.NamespacedName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Services to work on: each waits at most once and is worked on by one worker at a time, with whatever is newest when its
 * turn comes. A failed one comes back later and later; nobody waits for it. Bounded by the number of services.
 */
final class ServiceQueue implements AutoCloseable {
    /** One pass over one service. */
    interface Work {
        /** @return milliseconds until the next try; 0: done */
        long pass(NamespacedName name, int failures);
    }

    private final Work work;
    private final int workers;
    private final ScheduledExecutorService threads;
    private final LinkedHashSet<NamespacedName> waiting = new LinkedHashSet<>();
    private final Set<NamespacedName> running = new HashSet<>();
    private final Set<NamespacedName> again = new HashSet<>();
    private final Map<NamespacedName, Integer> failures = new HashMap<>();
    private int pauses;
    private boolean closed;

    /** @param workers how many services are worked on at once */
    ServiceQueue(int workers, Work work) {
        this.work = work;
        this.workers = workers;
        // virtual: a worker spends its life waiting for the API server
        this.threads = Executors.newScheduledThreadPool(
                workers, Thread.ofVirtual().name("importer-", 0).factory());
    }

    synchronized void add(NamespacedName name) {
        if (closed) {
            return;
        }
        if (running.contains(name)) {
            again.add(name);
        } else if (waiting.add(name)) {
            wake();
        }
    }

    /** What is more urgent has the API server to itself: no pass begins until {@link #resume}, once for each call. */
    synchronized void pause() {
        pauses++;
    }

    synchronized void resume() {
        pauses--;
        for (int i = Math.min(workers, waiting.size()); i > 0 && !closed; i--) {
            wake();
        }
    }

    /** How many wait or are worked on: for metrics, and for tests that wait for rest. */
    synchronized int size() {
        return waiting.size() + running.size();
    }

    private void wake() {
        if (running.size() < workers) {
            threads.execute(this::next);
        }
    }

    private void next() {
        NamespacedName name;
        int failed;
        synchronized (this) {
            if (closed || pauses > 0 || waiting.isEmpty() || running.size() >= workers) {
                return;
            }
            name = waiting.removeFirst();
            running.add(name);
            failed = failures.getOrDefault(name, 0);
        }
        long retryMillis = work.pass(name, failed);
        synchronized (this) {
            running.remove(name);
            if (retryMillis > 0) {
                failures.put(name, failed + 1);
                if (!closed) {
                    threads.schedule(() -> add(name), retryMillis, TimeUnit.MILLISECONDS);
                }
            } else {
                failures.remove(name);
            }
            if (again.remove(name) && retryMillis == 0) {
                waiting.add(name);
            }
            if (!closed && !waiting.isEmpty()) {
                wake();
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        threads.shutdownNow();
    }
}
