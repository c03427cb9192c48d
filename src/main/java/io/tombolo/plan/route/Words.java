package io.tombolo.plan.route;

import java.util.List;

/** One line of {@code ip}'s output, as words. */
record Words(List<String> all) {
    Words(String line) {
        this(List.of(line.strip().split("\\s+")));
    }

    boolean has(String key) {
        return all.indexOf(key) >= 0 && all.indexOf(key) + 1 < all.size();
    }

    /** The word that follows {@code key}; callers ask {@link #has} first. */
    String after(String key) {
        return all.get(all.indexOf(key) + 1);
    }

    String afterOr(String key, String otherwise) {
        return has(key) ? after(key) : otherwise;
    }

    String get(int index) {
        return index < all.size() ? all.get(index) : "";
    }
}
