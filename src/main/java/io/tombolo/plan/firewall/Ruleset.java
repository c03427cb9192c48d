package io.tombolo.plan.firewall;

import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One nftables table of ours: its shape, and the sets whose elements come and go.
 *
 * @param table family and name, such as {@code inet tombolo_gateway}
 * @param body chains, counters and sets, the text between the table's braces
 * @param elements by set; every set named here is declared in {@code body} without elements
 */
public record Ruleset(String table, String body, SortedMap<String, SortedSet<String>> elements) {

    public Ruleset {
        TreeMap<String, SortedSet<String>> copy = new TreeMap<>();
        elements.forEach((set, of) -> copy.put(set, java.util.Collections.unmodifiableSortedSet(new TreeSet<>(of))));
        elements = java.util.Collections.unmodifiableSortedMap(copy);
    }

    /** Replaces the table whole, in one transaction: packets meet the old table or the new one, never none. */
    public String replacement() {
        StringBuilder text = new StringBuilder();
        text.append("table ").append(table).append('\n');
        text.append("delete table ").append(table).append('\n');
        text.append("table ").append(table).append(" {\n").append(body).append("}\n");
        elements.forEach((set, of) -> append(text, "add", set, of));
        return text.toString();
    }

    /** Whether {@link #updateFrom} suffices to get here. */
    public boolean hasShapeOf(Ruleset other) {
        return table.equals(other.table)
                && body.equals(other.body)
                && elements.keySet().equals(other.elements.keySet());
    }

    /** The elements that came and went since {@code before}, which has our shape; empty where nothing did. */
    public String updateFrom(Ruleset before) {
        StringBuilder text = new StringBuilder();
        elements.forEach((set, now) -> {
            SortedSet<String> then = before.elements.getOrDefault(set, new TreeSet<>());
            SortedSet<String> added = new TreeSet<>(now);
            added.removeAll(then);
            SortedSet<String> gone = new TreeSet<>(then);
            gone.removeAll(now);
            append(text, "add", set, added);
            append(text, "delete", set, gone);
        });
        return text.toString();
    }

    private void append(StringBuilder text, String verb, String set, SortedSet<String> of) {
        if (!of.isEmpty()) {
            text.append(verb).append(" element ").append(table).append(' ').append(set);
            text.append(" { ").append(String.join(", ", of)).append(" }\n");
        }
    }
}
