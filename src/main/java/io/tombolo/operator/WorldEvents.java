package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.util.Collection;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Changes of one kind in the {@link World} as events of a controller. */
public final class WorldEvents<R extends HasMetadata, P extends HasMetadata> extends AbstractEventSource<R, P> {
    private final World world;
    private final Class<R> kind;
    private final Consumer<HasMetadata> listener;

    /** @param affected which primary objects must be looked at again when an object of the kind changes */
    public WorldEvents(World world, Class<R> kind, Function<R, Collection<ResourceID>> affected) {
        super(kind, kind.getSimpleName());
        this.world = world;
        this.kind = kind;
        this.listener = object -> affected.apply(kind.cast(object))
                .forEach(id -> getEventHandler().handleEvent(new Event(id)));
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
