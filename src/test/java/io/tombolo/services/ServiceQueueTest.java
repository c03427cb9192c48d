package io.tombolo.services;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.NamespacedName;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServiceQueueTest {
    private static final int WORKERS = 3;

    @Test
    void beginsNoPassUntilEveryPauseIsOver() {
        Set<NamespacedName> names = IntStream.range(0, 4 * WORKERS)
                .mapToObj(i -> new NamespacedName("shop", "s" + i))
                .collect(Collectors.toSet());
        Set<NamespacedName> done = ConcurrentHashMap.newKeySet();
        try (ServiceQueue queue = new ServiceQueue(WORKERS, (name, _) -> {
            done.add(name);
            return 0;
        })) {
            queue.pause();
            queue.pause();
            names.forEach(queue::add);
            queue.resume();
            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> done.isEmpty() && queue.size() == names.size());
            queue.resume();
            await().atMost(Duration.ofSeconds(20)).until(() -> queue.size() == 0);
            assertEquals(names, done);
        }
    }
}
