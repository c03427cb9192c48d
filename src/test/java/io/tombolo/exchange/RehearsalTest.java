package io.tombolo.exchange;

import static org.awaitility.Awaitility.await;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class RehearsalTest {
    @Test
    void theServiceIsToldAndNothingListensAfterwards() {
        try (ExchangeThread thread = new ExchangeThread()) {
            AtomicReference<Rehearsal> begun = new AtomicReference<>();
            thread.execute(() -> begun.set(Rehearsal.begin(thread, Bounds.DEFAULT)));
            await().until(() -> begun.get() != null && begun.get().isOver());
        }
    }
}
