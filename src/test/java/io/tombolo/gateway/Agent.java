package io.tombolo.gateway;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An agent in a process of its own and what it prints, a line for each change. */
final class Agent {
    final Process process;
    private final Duration patience;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final Thread reader;
    private String last = "nothing";

    /** @param patience how long anything may take that is awaited */
    Agent(Process process, Duration patience) {
        this.process = process;
        this.patience = patience;
        // a virtual one would keep its carrier while it waits for a pipe
        reader = Thread.ofPlatform()
                .daemon()
                .start(() -> process.inputReader().lines().forEach(line -> {
                    heard.add(line);
                    lines.add(line);
                }));
    }

    void await(String what, Predicate<String> line) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (!line.test(last)) {
            String next = lines.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (next == null) {
                throw new AssertionError("not within " + patience.toSeconds() + " s: " + what + "; last was: " + last);
            }
            last = next;
        }
    }

    /** How many lines so far are such. */
    long count(Predicate<String> line) {
        return heard.stream().filter(line).count();
    }

    /** Until it has ended by itself. */
    void awaitEnd() throws InterruptedException {
        if (!reader.join(patience)) {
            throw new AssertionError("it runs after " + patience.toSeconds() + " s; last was: " + last);
        }
    }

    void awaitUp(String peer) throws InterruptedException {
        await(peer + " is up", l -> l.contains("ready=true") && l.contains(peer + "=Up"));
    }
}
