package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.tombolo.kube.Change;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/** Changes of one kind in the {@link World} as events of a controller. */
public final class WorldEvents<R extends HasMetadata, P extends HasMetadata> extends AbstractEventSource<R, P> {
    private final World world;
    private final Class<R> kind;
    private final Consumer<Change<?>> listener;

    /** @param affected which primary objects must be looked at again when an object of the kind changes */
    public WorldEvents(World world, Class<R> kind, Function<R, Collection<ResourceID>> affected) {
        this(world, kind, kind.getSimpleName(), _ -> true, affected);
    }

    private WorldEvents(
            World world,
            Class<R> kind,
            String name,
            Predicate<Change<?>> relevant,
            Function<R, Collection<ResourceID>> affected) {
        super(kind, name);
        this.world = world;
        this.kind = kind;
        this.listener = change -> {
            if (relevant.test(change)) {
                affected.apply(kind.cast(change.object()))
                        .forEach(id -> getEventHandler().handleEvent(new Event(id)));
            }
        };
    }

    /**
     * Changes of a part: most of what is written while a link comes up is status that only a reader of it needs to look at.
     *
     * @param what the part's name, which tells two sources of one controller apart
     * @param part of an object; what leaves it equal is no event
     */
    public static <R extends HasMetadata, P extends HasMetadata> WorldEvents<R, P> ofPart(
            World world,
            Class<R> kind,
            String what,
            Function<R, Object> part,
            Function<R, Collection<ResourceID>> affected) {
        return new WorldEvents<>(
                world,
                kind,
                kind.getSimpleName() + "/" + what,
                change -> change.isOf(object -> part.apply(kind.cast(object))),
                affected);
    }

    /** What changed before is seen by the first pass over every primary object. */
    @Override
    public void start() {
        super.start();
        world.onChange(kind, listener);
    }

    @Override
    public void stop() {
        world.forget(kind, listener);
        super.stop();
    }

    @Override
    public Set<R> getSecondaryResources(P primary) {
        return Set.of(); // reconcilers read the World
    }
}
