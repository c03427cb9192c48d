package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A watched collection: the objects as the API last said, and a call on every change. What happened is not passed on, for
 * everything here is level-triggered; which object it was is, so that whoever works per object need not look at all.
 *
 * <p>fabric8's informers can stop without a word; {@link #revive()} restarts one that has, and a role calls it on its timer.
 */
public final class Watched<T extends HasMetadata> implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Watched.class.getName());

    private static final long PAGE = 500;

    private static final String INDEX = "by-key";

    private final String what;
    private final Informable<T> source;
    private final Consumer<T> onChange;
    private final Consumer<SharedIndexInformer<T>> furnish;
    private final BiPredicate<T, T> tells;
    private volatile SharedIndexInformer<T> informer;

    private Watched(
            String what,
            Informable<T> source,
            Consumer<T> onChange,
            Consumer<SharedIndexInformer<T>> furnish,
            BiPredicate<T, T> tells) {
        this.tells = tells;
        this.what = what;
        this.source = source;
        this.onChange = onChange;
        this.furnish = furnish;
        this.informer = start();
    }

    /**
     * Starts watching; returns at once, also while the API server is away.
     *
     * @param what for messages, such as {@code clusterlinks}
     * @param onChange called on the informer's thread with the object that was added, changed or deleted: hand over, do
     *     not work
     */
    public static <T extends HasMetadata> Watched<T> start(String what, Informable<T> source, Consumer<T> onChange) {
        return new Watched<>(what, source, onChange, informer -> {}, (old, now) -> true);
    }

    /** As {@link #start}, but an update of nothing but the status, or of metadata, is not told. */
    public static <T extends HasMetadata> Watched<T> startForSpec(
            String what, Informable<T> source, Consumer<T> onChange) {
        return new Watched<>(what, source, onChange, informer -> {}, Watched::specDiffers);
    }

    /** The API server counts generations of specs; an object that was made anew begins at 1 again. */
    private static boolean specDiffers(HasMetadata old, HasMetadata now) {
        return !Objects.equals(old.getMetadata().getUid(), now.getMetadata().getUid())
                || !Objects.equals(
                        old.getMetadata().getGeneration(), now.getMetadata().getGeneration());
    }

    /**
     * As {@link #start}, with an index: {@link #indexed} is as current as {@link #get}, where a map that {@code onChange}
     * kept would lag behind {@link #isSynced}.
     *
     * @param index the keys under which the object is found
     */
    public static <T extends HasMetadata> Watched<T> startIndexed(
            String what, Informable<T> source, Function<T, List<String>> index, Consumer<T> onChange) {
        return new Watched<>(
                what, source, onChange, informer -> informer.addIndexers(Map.of(INDEX, index)), (old, now) -> true);
    }

    /**
     * As {@link #start}, for thousands of objects: they are fetched by pages and kept as deflated JSON. Each look at one costs its
     * parsing; {@link #forEach} instead of {@link #list}, which unpacks all at once.
     */
    public static <T extends HasMetadata> Watched<T> startPacked(
            String what,
            Informable<T> source,
            Class<T> type,
            KubernetesSerialization serialization,
            Consumer<T> onChange) {
        return new Watched<>(
                what,
                source.withLimit(PAGE),
                onChange,
                informer -> informer.removeNamespaceIndex().itemStore(new PackedStore<>(type, serialization)),
                (old, now) -> true);
    }

    /** Shows every object, one after the other. */
    public void forEach(Consumer<T> visitor) {
        informer.getStore().listKeys().forEach(key -> {
            T object = informer.getStore().getByKey(key);
            if (object != null) {
                visitor.accept(object);
            }
        });
    }

    /** The objects now; empty before the first list. */
    public List<T> list() {
        return informer.getStore().list();
    }

    /** The object, or null; {@code namespace} null for a cluster-scoped kind. */
    public @Nullable T get(@Nullable String namespace, String name) {
        return informer.getStore().getByKey(namespace == null ? name : namespace + "/" + name);
    }

    /** The objects that {@link #startIndexed} finds under the key. */
    public List<T> indexed(String key) {
        return informer.getIndexer().byIndex(INDEX, key);
    }

    /** Whether the first list is in: before, an absent object says nothing. */
    public boolean isSynced() {
        return informer.hasSynced();
    }

    /** Restarts the informer where it has stopped; cheap while it runs. */
    public void revive() {
        if (informer.isRunning() && !informer.stopped().toCompletableFuture().isDone()) {
            return;
        }
        LOG.log(Level.WARNING, "the watch of {0} had stopped; it is started again", what);
        informer.close();
        informer = start();
    }

    private SharedIndexInformer<T> start() {
        SharedIndexInformer<T> started = source.runnableInformer(0);
        furnish.accept(started);
        started.addEventHandler(new ResourceEventHandler<T>() {
            @Override
            public void onAdd(T object) {
                onChange.accept(object);
            }

            @Override
            public void onUpdate(T old, T object) {
                if (tells.test(old, object)) {
                    onChange.accept(object);
                }
            }

            @Override
            public void onDelete(T object, boolean finalStateUnknown) {
                onChange.accept(object);
            }
        });
        // an API server that is away is waited for, for ever: the role goes on from its last state meanwhile
        started.exceptionHandler((isStarted, e) -> {
            LOG.log(Level.FINE, e, () -> "the watch of " + what + " is tried again");
            return true;
        });
        started.start().whenComplete((nothing, e) -> {
            if (e != null) {
                LOG.log(Level.WARNING, e, () -> "the watch of " + what + " did not start");
            }
        });
        return started;
    }

    @Override
    public void close() {
        informer.close();
    }
}
