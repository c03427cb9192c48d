package io.tombolo.dns.zone;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from labels to values that is searched by a range of bytes, so that a look-up allocates nothing. Open
 * addressing, at most half full.
 */
final class LabelMap<V> {
    /** No label is empty. */
    private static final byte[] FREE = {};

    private static final LabelMap<Object> EMPTY = new LabelMap<>(0);

    private final byte[][] labels;
    private final Object[] values;
    private final int size;

    private LabelMap(int size) {
        int slots = size == 0 ? 1 : Integer.highestOneBit(size * 2 - 1) * 2;
        this.labels = new byte[slots][];
        Arrays.fill(labels, FREE);
        this.values = new Object[slots];
        this.size = size;
    }

    /** One for all: most names have none below them. */
    @SuppressWarnings("unchecked") // holds no value of any type
    static <V> LabelMap<V> empty() {
        return (LabelMap<V>) EMPTY;
    }

    /** @throws IllegalArgumentException where two keys are one label */
    static <V> LabelMap<V> of(Map<String, V> entries) {
        if (entries.isEmpty()) {
            return empty();
        }
        LabelMap<V> map = new LabelMap<>(entries.size());
        entries.forEach((label, value) -> map.put(Name.label(label), value));
        return map;
    }

    /** This map with some labels set or, where the value is empty, removed. One pass over the map, whatever changes. */
    LabelMap<V> with(Map<String, Optional<V>> changes) {
        LabelMap<Optional<V>> changed = LabelMap.of(changes);
        int kept = 0;
        for (byte[] label : labels) {
            if (label != FREE && changed.get(label, 0, label.length) == null) {
                kept++;
            }
        }
        int added = (int) changes.values().stream().filter(Optional::isPresent).count();
        LabelMap<V> map = new LabelMap<>(kept + added);
        for (int slot = 0; slot < labels.length; slot++) {
            byte[] label = labels[slot];
            if (label != FREE && changed.get(label, 0, label.length) == null) {
                map.put(label, value(slot));
            }
        }
        changes.forEach((label, value) -> value.ifPresent(v -> map.put(Name.label(label), v)));
        return map;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    @Nullable
    V get(byte[] bytes, int from, int length) {
        int mask = labels.length - 1;
        for (int slot = hash(bytes, from, length) & mask; ; slot = (slot + 1) & mask) {
            byte[] label = labels[slot];
            if (label == FREE) {
                return null;
            }
            if (label.length == length && Arrays.equals(label, 0, length, bytes, from, from + length)) {
                return value(slot);
            }
        }
    }

    private void put(byte[] label, V value) {
        int mask = labels.length - 1;
        int slot = hash(label, 0, label.length) & mask;
        while (labels[slot] != FREE) {
            if (Arrays.equals(labels[slot], label)) {
                throw new IllegalArgumentException("two labels are one: " + new String(label, StandardCharsets.UTF_8));
            }
            slot = (slot + 1) & mask;
        }
        labels[slot] = label;
        values[slot] = value;
    }

    @SuppressWarnings("unchecked") // put() fills both arrays at the same slot
    private V value(int slot) {
        return (V) values[slot];
    }

    private static int hash(byte[] bytes, int from, int length) {
        int hash = 0x811c9dc5; // FNV-1a
        for (int i = from; i < from + length; i++) {
            hash = (hash ^ bytes[i]) * 0x01000193;
        }
        return hash ^ (hash >>> 15);
    }
}
