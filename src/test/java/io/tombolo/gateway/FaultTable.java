package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** What faults cost, as a table in Markdown. */
final class FaultTable {
    private static final Duration SETTLED = Duration.ofSeconds(5);
    /** Of so many runs one may miss its target. */
    private static final int ONE_OF = 30;

    private static final long SLACK = 100;

    private final List<Row> rows = new ArrayList<>();

    Row row(String id, String what, long target) {
        Row row = new Row(id, what, target);
        rows.add(row);
        return row;
    }

    /** One fault. Lost datagrams of a flow of one a millisecond are milliseconds, and so is what a return takes. */
    static final class Row {
        private final String id;
        private final String what;
        private final long target;
        private final List<Long> costs = new ArrayList<>();
        private Duration settled = Duration.ZERO;

        private Row(String id, String what, long target) {
            this.id = id;
            this.what = what;
            this.target = target;
        }

        void measured(long cost) {
            System.out.println(id + ": " + what + ": " + cost + " ms");
            costs.add(cost);
        }

        /** How long it took until everything was as before, after the flow had ended. */
        void settled(long nanos) {
            Duration took = Duration.ofNanos(nanos);
            settled = took.compareTo(settled) > 0 ? took : settled;
        }

        private int number() {
            return Integer.parseInt(id.replaceAll("^F([0-9]+).*", "$1"));
        }

        private long worst() {
            return Collections.max(costs);
        }

        private boolean isKept() {
            long missed = costs.stream().filter(cost -> cost > target).count();
            return missed <= costs.size() / ONE_OF && isBearable() && settled.compareTo(SETTLED) <= 0;
        }

        /** What no run may exceed. Nothing is nothing. */
        private boolean isBearable() {
            return worst() <= (target == 0 ? 0 : 2 * target + SLACK);
        }

        /** No run may exceed its bound; whether the target is kept, only a run of many can say. */
        void require() {
            assertTrue(isBearable(), () -> what + ": " + costs);
            assertTrue(costs.size() < ONE_OF || isKept(), () -> what + ": " + costs + ", as before after " + settled);
        }

        private String line() {
            List<Long> sorted = costs.stream().sorted().toList();
            return "| %s | %s | %d | %d | %d | %d | %.1f | %s |"
                    .formatted(
                            id,
                            what,
                            costs.size(),
                            target,
                            sorted.get(sorted.size() / 2),
                            worst(),
                            settled.toMillis() / 1000.0,
                            isKept() ? "kept" : "NOT KEPT");
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("""
                | # | Fault | Runs | Target, ms | Median, ms | Worst, ms | As before after, s | |
                |---|---|---|---|---|---|---|---|
                """);
        rows.stream()
                .filter(row -> !row.costs.isEmpty())
                .sorted(Comparator.comparing(Row::number))
                .forEach(row -> text.append(row.line()).append('\n'));
        return text.toString();
    }
}
