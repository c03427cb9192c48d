package io.tombolo.services;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.NamespacedName;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ServiceQueueTest {
    @Test
    void worksOnWhatIsUrgentBeforeAnythingThatWaits() throws InterruptedException {
        List<String> done = new CopyOnWriteArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        try (ServiceQueue queue = new ServiceQueue(1, (name, _) -> {
            done.add(name.name());
            begun.countDown();
            awaitQuietly(told);
            return 0;
        })) {
            Stream.of("a", "b", "c").forEach(name -> queue.add(new NamespacedName("shop", name)));
            begun.await();
            queue.first(Collections.nCopies(2, () -> done.add("urgent")));
            queue.first(List.of(() -> {
                throw new IllegalStateException("one that fails stops no other");
            }));
            told.countDown();
            await().atMost(Duration.ofSeconds(20)).until(() -> queue.size() == 0);
        }
        assertEquals(List.of("a", "urgent", "urgent", "b", "c"), done);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
