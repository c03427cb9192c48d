package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The objects of one watch by their keys, {@code namespace/name}, and by those of an index. One thread at a time writes. */
final class ObjectStore<T extends HasMetadata> {
    private final ItemStore<T> items;
    private final Function<T, List<String>> index;
    private final Consumer<T> trim;
    private final Map<String, Set<String>> indexed = new ConcurrentHashMap<>();

    /**
     * @param index further keys under which an object is found
     * @param trim takes out of an object what nobody looks at, before it is kept
     */
    ObjectStore(ItemStore<T> items, Function<T, List<String>> index, Consumer<T> trim) {
        this.items = items;
        this.index = index;
        this.trim = trim;
    }

    /** Keeps the object itself, trimmed. Returns what stood there before. */
    @Nullable
    T put(T object) {
        // a fifth of a slice, half of what is small; read by nobody here
        object.getMetadata().setManagedFields(List.of());
        trim.accept(object);
        String key = items.getKey(object);
        T before = items.put(key, object);
        List<String> now = index.apply(object);
        now.forEach(i ->
                indexed.computeIfAbsent(i, _ -> ConcurrentHashMap.newKeySet()).add(key));
        if (before != null) {
            index.apply(before).stream().filter(i -> !now.contains(i)).forEach(i -> forget(i, key));
        }
        return before;
    }

    /** Returns what stood there. */
    @Nullable
    T remove(String key) {
        T before = items.remove(key);
        if (before != null) {
            index.apply(before).forEach(i -> forget(i, key));
        }
        return before;
    }

    private void forget(String index, String key) {
        indexed.computeIfPresent(index, (_, keys) -> keys.remove(key) && keys.isEmpty() ? null : keys);
    }

    String key(T object) {
        return items.getKey(object);
    }

    @Nullable
    T get(String key) {
        return items.get(key);
    }

    Set<String> keys() {
        Set<String> keys = new HashSet<>();
        items.keySet().forEach(keys::add);
        return keys;
    }

    List<T> list() {
        return items.values().toList();
    }

    List<T> indexed(String index) {
        return indexed.getOrDefault(index, Set.of()).stream()
                .map(this::get)
                .filter(Objects::nonNull)
                .toList();
    }
}
