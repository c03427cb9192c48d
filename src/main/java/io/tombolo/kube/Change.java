package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An object of a {@link Watched} collection that came ({@code before} is null), changed, or went ({@code now} is null). */
public record Change<T extends HasMetadata>(
        @Nullable T before, @Nullable T now) {

    /** The object as it is, or was last. */
    public T object() {
        return Objects.requireNonNull(now == null ? before : now);
    }

    /** Whether the part is another one than before; of an object that came or went it always is. */
    public boolean isOf(Function<? super T, ?> part) {
        return before == null || now == null || !Objects.equals(part.apply(before), part.apply(now));
    }

    /** A listener that hears of changes of the part only: most of what is written is status that few read. */
    public static <T extends HasMetadata> Consumer<Change<T>> of(
            Function<? super T, ?> part, Consumer<Change<T>> listener) {
        return change -> {
            if (change.isOf(part)) {
                listener.accept(change);
            }
        };
    }

    /** The spec, by what the API server counts of it; an object that was made anew has another one. */
    public static Object spec(HasMetadata object) {
        return new Spec(object.getMetadata().getUid(), object.getMetadata().getGeneration());
    }

    private record Spec(@Nullable String uid, @Nullable Long generation) {}
}
