package io.tombolo.probe;

import io.tombolo.net.Cidr;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.SlotReport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Probes every way it is told of, on a thread that does nothing else. When that thread itself wakes late, the time it
 * slept counts for nobody: our own pause is not the other side's death.
 *
 * @param <K> what tells the ways apart
 */
public final class Prober<K extends Comparable<K>> implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Prober.class.getName());

    /** Where there is another way to take: a silent death is seen within 250 ms. */
    public static final Duration FAST = Duration.ofMillis(50);

    /**
     * Where there is none: death is seen within 0.65 s. Faster saves time when a cluster dies, and costs names and services
     * of living ones where a machine stands still for so long: at 100 ms that was seen at a load of twenty times the cores.
     */
    public static final Duration SLOW = Duration.ofMillis(200);

    /** Nobody is probed: whoever wants that wakes us up. */
    private static final Duration IDLE = Duration.ofMinutes(1);

    /** Of all probes of this prober together. */
    private static final int PER_SECOND = 2_000;

    /** Probes for their size, of all ways together. */
    private static final int SIZED_PER_SECOND = 100;

    private final Runnable changed;
    private final long incarnation = new SecureRandom().nextLong();
    private final Map<K, ProbeSession> sessions = new HashMap<>();
    /** Of those whose target says up to which size. */
    private final Map<K, MtuSearch> searches = new HashMap<>();

    private final ProbeSocket socket = new ProbeSocket();
    private final Thread thread;
    private Targets<K> current = new Targets<>(Optional.empty(), Map.of());
    private Map<InetSocketAddress, K> sources = Map.of();
    /** A wake-up that late is our own fault; nanoseconds. */
    private long late = SLOW.toNanos() / 2;

    private Said<K> said;
    private long lastStamp;
    private volatile Targets<K> wanted = new Targets<>(Optional.empty(), Map.of());
    private volatile Said<K> report;
    private volatile boolean closed;
    private volatile SortedMap<K, Path> paths = Collections.emptySortedMap();

    private record Targets<K>(Optional<InetSocketAddress> own, Map<K, Target> targets) {}

    /**
     * @param except to whom we do not serve, whatever {@code report} says
     * @param followed sequence of the newest announcement of each that we have followed
     */
    private record Said<K>(SlotReport report, Set<K> except, Map<K, Long> followed) {
        SlotReport to(K key) {
            return except.contains(key) ? report.withoutServing() : report;
        }
    }

    /**
     * The other end of a way.
     *
     * @param at where it listens, and what it speaks from
     * @param interval between two probes, at least
     * @param limit bytes of the largest packet that may pass; 0: nobody asks how large one may be
     * @param assumed bytes of what passes, before that is known
     */
    public record Target(InetSocketAddress at, Duration interval, int limit, int assumed) {
        /** Of a way for small packets. */
        public Target(InetSocketAddress at, Duration interval) {
            this(at, interval, 0, 0);
        }
    }

    /**
     * A way as the probes see it.
     *
     * @param rttNanos smoothed round trip; empty before the first
     * @param follows sequence of the newest announcement of ours that the other side has followed; 0 where it said of none
     * @param reached when we sent the newest probe that the other side says it received, {@link System#nanoTime}; empty
     *     where it said of none
     * @param mtu bytes of the largest packet that passes in our direction; empty before that is known
     */
    public record Path(PathState state, OptionalLong rttNanos, long follows, OptionalLong reached, OptionalInt mtu) {
        /** Of an other side that follows nothing. */
        public Path(PathState state, OptionalLong rttNanos) {
            this(state, rttNanos, 0, OptionalLong.empty(), OptionalInt.empty());
        }
    }

    /**
     * @param name of the thread
     * @param changed called on the probing thread after a path changed its state or size, or the other side followed an
     *     announcement: return at once
     */
    public Prober(String name, Runnable changed) throws IOException {
        this.changed = changed;
        report = new Said<>(new SlotReport(incarnation, true, List.of(), List.of()), Set.of(), Map.of());
        said = report;
        thread = Thread.ofPlatform().name(name).daemon().start(this::loop);
    }

    /**
     * @param own where we listen and what we speak from; nobody is probed before the address is there
     * @param targets nobody is listened to where there are none
     */
    public void update(InetSocketAddress own, Map<K, Target> targets) {
        wanted = new Targets<>(Optional.of(own), Map.copyOf(targets));
        socket.wakeup();
    }

    /** How often to probe where there is another way to take, and so many are probed by whoever is at one end. */
    public static Duration fast(int ways) {
        Duration least = Duration.ofSeconds(ways).dividedBy(PER_SECOND);
        return least.compareTo(FAST) > 0 ? least : FAST;
    }

    /**
     * What we say of ourselves from now on; told at once where it is new. See {@link SlotReport#of}.
     *
     * @param except to whom we do not serve yet
     */
    public void say(boolean serving, Collection<Cidr> own, Collection<Cidr> unreached, Set<K> except) {
        say(serving, own, unreached, except, Map.of());
    }

    /**
     * The same, and what we have made of what the others announced.
     *
     * @param followed sequence of the newest announcement of each that our devices are as it says
     */
    public void say(
            boolean serving, Collection<Cidr> own, Collection<Cidr> unreached, Set<K> except, Map<K, Long> followed) {
        Said<K> next = new Said<>(
                SlotReport.of(incarnation, serving, own, unreached), Set.copyOf(except), Map.copyOf(followed));
        if (!next.equals(report)) {
            report = next;
            socket.wakeup();
        }
    }

    /** All ways, as they are now. */
    public SortedMap<K, Path> paths() {
        return paths;
    }

    private void loop() {
        long planned = System.nanoTime();
        while (!closed) {
            try {
                long now = System.nanoTime();
                follow(now);
                if (current.own().isPresent() && !sessions.isEmpty()) {
                    socket.bind(current.own().get(), now);
                }
                // what lies in the socket was heard, however late we look
                socket.receive(sources::containsKey, this::received);
                now = System.nanoTime();
                long overslept = now - planned;
                if (overslept > late) {
                    sessions.values().forEach(s -> s.slept(overslept));
                }
                planned = send(now);
                publish();
                long wait = Math.max(
                        1, Duration.ofNanos(planned - System.nanoTime()).toMillis());
                socket.await(wait);
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "probing goes on after an error", e);
                socket.unbind();
                planned = System.nanoTime();
            }
        }
        socket.unbind();
    }

    private void follow(long now) {
        Said<K> news = report;
        if (!news.equals(said)) {
            said = news;
            sessions.values().forEach(s -> s.hurry(now));
        }
        Targets<K> next = wanted;
        if (next.equals(current)) {
            return;
        }
        if (!next.own().equals(current.own()) || next.targets().isEmpty()) {
            socket.unbind();
        }
        current = next;
        sessions.keySet().retainAll(next.targets().keySet());
        searches.keySet().retainAll(next.targets().keySet());
        long hold = Math.max(
                MtuSearch.HOLD.toNanos(),
                Duration.ofSeconds(next.targets().size())
                        .dividedBy(SIZED_PER_SECOND)
                        .toNanos());
        long least = fast(next.targets().size()).toNanos();
        long shortest = SLOW.toNanos();
        Map<InetSocketAddress, K> by = new HashMap<>();
        for (Map.Entry<K, Target> entry : next.targets().entrySet()) {
            long interval = Math.max(entry.getValue().interval().toNanos(), least);
            shortest = Math.min(shortest, interval);
            sessions.computeIfAbsent(entry.getKey(), _ -> new ProbeSession(interval, now))
                    .interval(interval);
            by.put(entry.getValue().at(), entry.getKey());
            int limit = entry.getValue().limit();
            if (limit > 0) {
                searches.computeIfAbsent(
                                entry.getKey(),
                                _ -> new MtuSearch(limit, entry.getValue().assumed()))
                        .limit(limit, hold, now);
            }
        }
        late = shortest / 2;
        sources = by;
    }

    private void received(InetSocketAddress from, ProbeMessage message) {
        K key = sources.get(from);
        ProbeSession session = key == null ? null : sessions.get(key);
        if (session == null || key == null) {
            return;
        }
        long now = System.nanoTime();
        if (session.received(message, now)) {
            transmit(key, session, 0, false);
        }
        MtuSearch search = searches.get(key);
        if (search != null) {
            message.arrived().ifPresent(stamp -> search.arrived(stamp, now));
        }
    }

    /** @return when to wake up next */
    private long send(long now) {
        long next = now + (sessions.isEmpty() ? IDLE : SLOW).toNanos();
        for (Map.Entry<K, ProbeSession> entry : sessions.entrySet()) {
            ProbeSession session = entry.getValue();
            if (session.due(now)) {
                transmit(entry.getKey(), session, 0, false);
            }
            next = Math.min(next, session.nextSend());
            MtuSearch search = searches.get(entry.getKey());
            if (search != null) {
                search.way(session.state().isUp(), session.tells(), now);
                for (int size : search.due(now, session.reached(), session.rtt().orElse(0))) {
                    search.sent(transmit(entry.getKey(), session, size, true), size);
                }
                next = Math.min(next, search.next());
            }
        }
        return next;
    }

    /**
     * @param size bytes of the packet, at least; what it carries goes in whole
     * @param answer whether an answer is wanted at once
     * @return the stamp it carries, later than any before
     */
    private long transmit(K key, ProbeSession session, int size, boolean answer) {
        lastStamp = Math.max(System.nanoTime(), lastStamp + 1);
        Target to = current.targets().get(key);
        if (to != null) {
            long follows = said.followed().getOrDefault(key, 0L);
            socket.send(session.message(said.to(key), follows, lastStamp, size > 0, answer), size, to.at());
        }
        return lastStamp;
    }

    private void publish() {
        SortedMap<K, Path> now = new TreeMap<>();
        sessions.forEach((key, session) -> {
            MtuSearch search = searches.get(key);
            OptionalInt mtu = search == null ? OptionalInt.empty() : search.mtu();
            now.put(key, new Path(session.state(), session.rtt(), session.follows(), session.reached(), mtu));
        });
        boolean differs = now.size() != paths.size()
                || now.entrySet().stream().anyMatch(e -> {
                    Path before = paths.get(e.getKey());
                    return before == null
                            || !before.state().equals(e.getValue().state())
                            || !before.mtu().equals(e.getValue().mtu())
                            || before.follows() != e.getValue().follows();
                });
        paths = Collections.unmodifiableSortedMap(now);
        if (differs) {
            changed.run();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        socket.wakeup();
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
    }
}
