package io.tombolo.node;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The lines of one watch, with a limit on silence: a connection whose other end is gone says nothing, for ever. */
final class EventLines implements Flow.Subscriber<String>, AutoCloseable {
    private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private volatile Flow.@Nullable Subscription subscription;

    private sealed interface Item {
        record Status(int code) implements Item {}

        record Line(String text) implements Item {}

        record End(String why) implements Item {}
    }

    /** The HTTP status of the answer. */
    int status(Duration limit) throws IOException, InterruptedException {
        return switch (next(limit)) {
            case Item.Status(int code) -> code;
            case Item.End(String why) -> throw new IOException("watch not opened: " + why);
            case Item.Line _ -> throw new IOException("a line ahead of the status");
        };
    }

    /** The next line; empty where the server ended the watch. */
    Optional<String> line(Duration limit) throws IOException, InterruptedException {
        return switch (next(limit)) {
            case Item.Line(String text) -> Optional.of(text);
            case Item.End _ -> Optional.empty();
            case Item.Status _ -> throw new IOException("two statuses");
        };
    }

    private Item next(Duration limit) throws IOException, InterruptedException {
        Item item = items.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (item == null) {
            throw new IOException("the watch was silent for " + limit.toSeconds() + " s");
        }
        return item;
    }

    void opened(int status) {
        items.add(new Item.Status(status));
    }

    void ended(@Nullable Throwable failure) {
        items.add(new Item.End(String.valueOf(failure)));
    }

    @Override
    public void onSubscribe(Flow.Subscription flow) {
        subscription = flow;
        flow.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
        items.add(new Item.Line(line));
    }

    @Override
    public void onError(Throwable failure) {
        ended(failure);
    }

    @Override
    public void onComplete() {
        ended(null);
    }

    /** Drops the connection. */
    @Override
    public void close() {
        Flow.Subscription flow = subscription;
        if (flow != null) {
            flow.cancel();
        }
    }
}
