package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A watched collection: the objects as the API last said, and a call on every change. Everything here is level-triggered:
 * which object it was is told so that whoever works per object, or reads a part of it, need not look at the others.
 *
 * <p>While the API server is away the objects stay what they were. A watch can also fall silent without a word, and says
 * nothing of what it lost: so each lasts {@value #LONGEST_SECONDS} s at most, the next one goes on where it stopped, and
 * after one that broke everything is listed again. A list is an answer like others, and may be wrong: where more than half
 * of the objects would go, a second list must agree.
 */
public final class Watched<T extends HasMetadata> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Watched.class.getName());

    private static final long PAGE = 500;
    private static final int LONGEST_SECONDS = 25;
    static final Duration LONGEST = Duration.ofSeconds(LONGEST_SECONDS);
    /** A watch that broke sooner broke at once: the next tries wait. */
    private static final Duration LIVED = Duration.ofSeconds(5);

    private static final long FIRST_RETRY_MILLIS = 200;
    private static final long LAST_RETRY_MILLIS = 2000;
    private static final long SECOND_LIST_MILLIS = 1000;

    private final String what;
    private final FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> source;
    private final Consumer<Change<T>> onChange;
    private final @Nullable Long page;
    private final Duration longest;
    private final ObjectStore<T> objects;
    private final Thread thread;
    private volatile boolean synced;
    private volatile boolean closed;

    private Watched(
            String what,
            FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> source,
            Consumer<Change<T>> onChange,
            @Nullable Long page,
            Duration longest,
            ObjectStore<T> objects) {
        this.what = what;
        this.source = source;
        this.onChange = onChange;
        this.page = page;
        this.longest = longest;
        this.objects = objects;
        this.thread = Thread.ofVirtual().name("watch of " + what).unstarted(this::follow);
    }

    /**
     * Starts watching; returns at once, also while the API server is away.
     *
     * @param what for messages, such as {@code clusterlinks}
     * @param onChange called on a thread of the watch's with what was added, changed or deleted: hand over, do not work
     */
    public static <T extends HasMetadata> Watched<T> start(
            String what,
            FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> source,
            Consumer<Change<T>> onChange) {
        return new Watched<>(what, source, onChange, null, LONGEST, plain(_ -> List.of(), _ -> {})).started();
    }

    /**
     * As {@link #start}, for thousands of objects, which are fetched by pages and told of as they come; and with an index:
     * {@link #indexed} is as current as {@link #get}, where a map that {@code onChange} kept would lag behind
     * {@link #isSynced}.
     *
     * @param index the keys under which the object is found
     * @param trim takes out of each object what nobody here looks at, before it is kept
     */
    public static <T extends HasMetadata> Watched<T> startIndexed(
            String what,
            FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> source,
            Function<T, List<String>> index,
            Consumer<T> trim,
            Consumer<Change<T>> onChange) {
        return new Watched<>(what, source, onChange, PAGE, LONGEST, plain(index, trim)).started();
    }

    /** @param longest after which a watch is another, a fifth of it earlier or less */
    static <T extends HasMetadata> Watched<T> startIndexed(
            String what,
            FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> source,
            Function<T, List<String>> index,
            Consumer<Change<T>> onChange,
            Duration longest) {
        return new Watched<>(what, source, onChange, PAGE, longest, plain(index, _ -> {})).started();
    }

    /**
     * As {@link #start}, for thousands of objects: they are fetched by pages and kept as deflated JSON. Each look at one costs its
     * parsing; {@link #forEach} instead of {@link #list}, which unpacks all at once.
     */
    public static <T extends HasMetadata> Watched<T> startPacked(
            String what,
            FilterWatchListDeletable<T, ? extends KubernetesResourceList<T>, ?> source,
            Class<T> type,
            KubernetesSerialization serialization,
            Consumer<Change<T>> onChange) {
        ItemStore<T> packed = new PackedStore<>(type, serialization);
        return new Watched<>(what, source, onChange, PAGE, LONGEST, new ObjectStore<>(packed, _ -> List.of(), _ -> {}))
                .started();
    }

    private static <T extends HasMetadata> ObjectStore<T> plain(Function<T, List<String>> index, Consumer<T> trim) {
        return new ObjectStore<>(new BasicItemStore<>(Cache::metaNamespaceKeyFunc), index, trim);
    }

    private Watched<T> started() {
        thread.start();
        return this;
    }

    /** Shows every object, one after the other. */
    public void forEach(Consumer<T> visitor) {
        objects.keys().forEach(key -> {
            T object = objects.get(key);
            if (object != null) {
                visitor.accept(object);
            }
        });
    }

    /** The objects now; empty before the first list. */
    public List<T> list() {
        return objects.list();
    }

    /** The object, or null; {@code namespace} null for a cluster-scoped kind. */
    public @Nullable T get(@Nullable String namespace, String name) {
        return objects.get(namespace == null ? name : namespace + "/" + name);
    }

    /** The objects that {@link #startIndexed} finds under the key. */
    public List<T> indexed(String key) {
        return objects.indexed(key);
    }

    /** Whether the first list is in: before, an absent object says nothing. */
    public boolean isSynced() {
        return synced;
    }

    private void follow() {
        String from = null;
        int failures = 0;
        while (!closed) {
            long began = System.nanoTime();
            try {
                from = watch(from == null ? listed() : from);
            } catch (RuntimeException e) {
                LOG.log(Level.FINE, e, () -> "the watch of " + what + " is tried again");
                from = null;
            } catch (InterruptedException e) {
                return; // closed
            }
            if (from != null) {
                failures = 0;
            } else if (!closed) {
                failures = System.nanoTime() - began > LIVED.toNanos() ? 0 : failures + 1;
                if (!pause(Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures, 4)))) {
                    return;
                }
            }
        }
    }

    private static boolean pause(long millis) {
        try {
            Thread.sleep(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Makes the objects what the API server lists.
     *
     * @return the version of the list, from which a watch goes on
     */
    private String listed() throws InterruptedException {
        Set<String> doubted = Set.of();
        List<Change<T>> first = new ArrayList<>(); // told when it is whole
        Consumer<Change<T>> tell = synced || page != null ? onChange : first::add;
        while (true) {
            Set<String> standing = objects.keys();
            Set<String> gone = new HashSet<>(standing);
            String version = readInto(gone, tell);
            if (gone.size() * 2 <= standing.size() || doubted.containsAll(gone)) {
                gone.forEach(this::remove);
                synced = true;
                first.forEach(onChange);
                return version;
            }
            LOG.log(
                    Level.WARNING,
                    "{0}: a list names {1} of {2} objects no more. They are kept until another one agrees",
                    new Object[] {what, gone.size(), standing.size()});
            doubted = gone;
            Thread.sleep(SECOND_LIST_MILLIS);
        }
    }

    /** Takes what is listed into the objects, and its keys out of {@code unseen}. @return the version of the list */
    private String readInto(Set<String> unseen, Consumer<Change<T>> tell) {
        String next = null;
        while (true) {
            KubernetesResourceList<T> list = source.list(new ListOptionsBuilder()
                    // the first may be as old as the API server's cache; what takes objects away must not
                    .withResourceVersion(synced || page != null ? null : "0")
                    .withLimit(page)
                    .withContinue(next)
                    .build());
            for (T object : list.getItems()) {
                unseen.remove(objects.key(object));
                put(object, tell);
            }
            next = list.getMetadata().getContinue();
            if (next == null || next.isEmpty()) {
                return list.getMetadata().getResourceVersion();
            }
        }
    }

    /** Watches until the watch's time is over: returns where the next one goes on, or null where this one broke. */
    private @Nullable String watch(String from) throws InterruptedException {
        Session session = new Session(from);
        long millis = longest.toMillis() - ThreadLocalRandom.current().nextLong(longest.toMillis() / 5);
        try (Watch _ = source.watch(
                new ListOptionsBuilder()
                        .withResourceVersion(from)
                        .withAllowWatchBookmarks(true)
                        .withTimeoutSeconds(2 * longest.toSeconds()) // ours ends first, unless we are gone
                        .build(),
                session)) {
            boolean broke = session.ended.await(millis, TimeUnit.MILLISECONDS);
            String version = session.finish();
            return broke ? null : version;
        }
    }

    private void put(T object, Consumer<Change<T>> tell) {
        T old = objects.put(object);
        boolean same = old != null
                && Objects.equals(
                        old.getMetadata().getResourceVersion(),
                        object.getMetadata().getResourceVersion());
        if (!same) {
            tell.accept(new Change<>(old, object));
        }
    }

    private void remove(String key) {
        T old = objects.remove(key);
        if (old != null) {
            onChange.accept(new Change<>(old, null));
        }
    }

    /** One watch. */
    private final class Session implements Watcher<T> {
        private final CountDownLatch ended = new CountDownLatch(1);
        private String version;
        private boolean finished;

        Session(String version) {
            this.version = version;
        }

        /** @return the version of what was taken in; what still comes is not, and comes again to the next watch */
        synchronized String finish() {
            finished = true;
            return version;
        }

        @Override
        public synchronized void eventReceived(Action action, T object) {
            if (finished) {
                return;
            }
            switch (action) {
                case ADDED, MODIFIED -> put(object, onChange);
                case DELETED -> {
                    objects.remove(objects.key(object));
                    onChange.accept(new Change<>(object, null));
                }
                case BOOKMARK -> {}
                case ERROR -> {
                    ended.countDown();
                    return;
                }
            }
            version = object.getMetadata().getResourceVersion();
        }

        @Override
        public void onClose(WatcherException cause) {
            ended.countDown();
        }

        @Override
        public void onClose() {
            ended.countDown();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
