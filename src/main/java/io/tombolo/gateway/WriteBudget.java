package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * At most six status writes per link in any minute. A try that fails counts too, so that an API server in trouble is not
 * asked more often than a healthy one.
 */
final class WriteBudget {
    private static final int PER_MINUTE = 6;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Clock clock;
    private final Map<ClusterId, Deque<Instant>> writes = new HashMap<>();

    WriteBudget(Clock clock) {
        this.clock = clock;
    }

    /** Takes one write, where there is one left. */
    boolean take(ClusterId link) {
        Instant now = Instant.now(clock);
        Deque<Instant> last = writes.computeIfAbsent(link, _ -> new ArrayDeque<>());
        while (!last.isEmpty() && last.getFirst().plus(MINUTE).isBefore(now)) {
            last.removeFirst();
        }
        if (last.size() >= PER_MINUTE) {
            return false;
        }
        last.addLast(now);
        return true;
    }
}
