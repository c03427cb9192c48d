package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * At most six status writes per link in any minute. A try that fails counts too, so that an API server in trouble is not
 * asked more often than a healthy one.
 *
 * @param <T> what is written
 */
final class WriteBudget<T> {
    private static final int PER_MINUTE = 6;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    /** Until the watch brings our own write back, what stands is older than what we wrote. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(2);

    private final Clock clock;
    private final Map<ClusterId, Deque<Write<T>>> writes = new HashMap<>();

    private record Write<T>(T value, Instant at) {}

    WriteBudget(Clock clock) {
        this.clock = clock;
    }

    /** Forgets all links but these: one that is made anew, by an admin and not by a peer, owes nothing. */
    void keep(Set<ClusterId> links) {
        writes.keySet().retainAll(links);
    }

    /** Takes one write of a value that does not stand yet; none where the same one is on its way. */
    boolean take(ClusterId link, T value) {
        Instant now = Instant.now(clock);
        Deque<Write<T>> last = writes.computeIfAbsent(link, _ -> new ArrayDeque<>());
        while (!last.isEmpty() && last.getFirst().at().plus(MINUTE).isBefore(now)) {
            last.removeFirst();
        }
        Write<T> newest = last.peekLast();
        boolean onItsWay = newest != null
                && newest.value().equals(value)
                && newest.at().plus(ON_ITS_WAY).isAfter(now);
        if (onItsWay || last.size() >= PER_MINUTE) {
            return false;
        }
        last.addLast(new Write<>(value, now));
        return true;
    }
}
