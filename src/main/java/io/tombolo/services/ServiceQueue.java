package io.tombolo.services;

import io.tombolo.net.NamespacedName;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
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
 * turn comes. A failed one comes back later and later; nobody waits for it. Bounded by the number of services. What is
 * urgent goes ahead of them all.
 */
final class ServiceQueue implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ServiceQueue.class.getName());

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
    private final Deque<Runnable> urgent = new ArrayDeque<>();
    /** Workers whose turn it is. */
    private int busy;

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

    /** Work that no pass begins before. */
    synchronized void first(Collection<Runnable> work) {
        if (!closed) {
            urgent.addAll(work);
            wake();
        }
    }

    /** How many wait or are worked on: for metrics, and for tests that wait for rest. */
    synchronized int size() {
        return waiting.size() + running.size();
    }

    /** As many workers as there is work for. */
    private void wake() {
        for (int idle = Math.min(workers - busy, urgent.size() + waiting.size()); idle > 0 && !closed; idle--) {
            busy++;
            threads.execute(this::turn);
        }
    }

    private void turn() {
        try {
            next().run();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "work on services failed; the rest goes on", e);
        }
        synchronized (this) {
            busy--;
            wake();
        }
    }

    private synchronized Runnable next() {
        if (!urgent.isEmpty()) {
            return urgent.removeFirst();
        }
        if (closed || waiting.isEmpty()) {
            return () -> {}; // somebody was faster
        }
        NamespacedName name = waiting.removeFirst();
        running.add(name);
        int failed = failures.getOrDefault(name, 0);
        return () -> done(name, failed, work.pass(name, failed));
    }

    private synchronized void done(NamespacedName name, int failed, long retryMillis) {
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
    }

    @Override
    public synchronized void close() {
        closed = true;
        urgent.clear();
        threads.shutdownNow();
    }
}
