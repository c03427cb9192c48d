package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
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
    /** Until the watch brings our own write back, what it shows is older than what we wrote. */
    private static final Duration ON_ITS_WAY = Duration.ofSeconds(2);

    private static final Duration CALM = Duration.ofSeconds(10);

    private final Clock clock;
    private final int reserve;
    private final Map<ClusterId, Deque<Write<T>>> writes = new HashMap<>();

    private record Write<T>(T value, Instant at) {}

    /** @param reserve how many of the six are kept for what {@link #spend} takes, 0-5 */
    WriteBudget(Clock clock, int reserve) {
        this.clock = clock;
        this.reserve = reserve;
    }

    /** Forgets all links but these: one that is made anew, by an admin and not by a peer, owes nothing. */
    void keep(Set<ClusterId> links) {
        writes.keySet().retainAll(links);
    }

    /** What was written so lately that a watch may not show it yet: it stands, whatever the watch shows. */
    Optional<T> onItsWay(ClusterId link) {
        Deque<Write<T>> last = writes.get(link);
        return Optional.ofNullable(last == null ? null : last.peekLast())
                .filter(newest -> newest.at().plus(ON_ITS_WAY).isAfter(Instant.now(clock)))
                .map(Write::value);
    }

    /** Whether nothing was written for a while, so that what is not urgent is worth a write of its own. */
    boolean isCalm(ClusterId link) {
        Deque<Write<T>> last = writes.get(link);
        return last == null || last.isEmpty() || !last.getLast().at().plus(CALM).isAfter(Instant.now(clock));
    }

    /** Takes one write, of those that are not kept in reserve; none where there is none, or the same one is on its way. */
    boolean take(ClusterId link, T value) {
        Instant now = Instant.now(clock);
        Deque<Write<T>> last = writes.computeIfAbsent(link, _ -> new ArrayDeque<>());
        while (!last.isEmpty() && last.getFirst().at().plus(MINUTE).isBefore(now)) {
            last.removeFirst();
        }
        if (onItsWay(link).filter(value::equals).isPresent() || last.size() >= PER_MINUTE - reserve) {
            return false;
        }
        last.addLast(new Write<>(value, now));
        return true;
    }

    /**
     * Takes one write that cannot wait. There is always one: whoever keeps one in reserve, and spends only what a {@link
     * #take} has to go between, spends no more than six.
     */
    void spend(ClusterId link, T value) {
        writes.computeIfAbsent(link, _ -> new ArrayDeque<>()).addLast(new Write<>(value, Instant.now(clock)));
    }

    /** The newest write came to nothing: it does not count, and nothing is on its way. */
    void refund(ClusterId link) {
        Deque<Write<T>> last = writes.get(link);
        if (last != null) {
            last.pollLast();
        }
    }
}
