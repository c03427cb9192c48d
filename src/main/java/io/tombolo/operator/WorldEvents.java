package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Changes of one kind in the {@link World} as events of a controller. */
public final class WorldEvents<R extends HasMetadata, P extends HasMetadata> extends AbstractEventSource<R, P> {
    private final World world;
    private final Class<R> kind;
    private final Consumer<HasMetadata> listener;

    /** @param affected which primary objects must be looked at again when an object of the kind changes */
    public WorldEvents(World world, Class<R> kind, Function<R, Collection<ResourceID>> affected) {
        this(world, kind, kind.getSimpleName(), affected);
    }

    private WorldEvents(World world, Class<R> kind, String name, Function<R, Collection<ResourceID>> affected) {
        super(kind, name);
        this.world = world;
        this.kind = kind;
        this.listener = object -> affected.apply(kind.cast(object))
                .forEach(id -> getEventHandler().handleEvent(new Event(id)));
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
        Map<ResourceID, Object> told = new ConcurrentHashMap<>();
        return new WorldEvents<>(world, kind, kind.getSimpleName() + "/" + what, changed -> {
            ResourceID id = ResourceID.fromResource(changed);
            if (!world.has(kind, changed)) {
                told.remove(id);
                return affected.apply(changed);
            }
            Object now = part.apply(changed);
            return now.equals(told.put(id, now)) ? List.of() : affected.apply(changed);
        });
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
