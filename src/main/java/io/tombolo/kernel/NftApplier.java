package io.tombolo.kernel;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.plan.firewall.Ruleset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one table of ours as planned. Whether the kernel still has what we gave it shows in its listing: it must be the one that
 * stood there right after we applied. A first pass has none to compare with and applies the table again, which is one
 * transaction and disturbs no packet.
 */
public final class NftApplier {
    private static final Pattern COUNTER =
            Pattern.compile("counter (\\w+) \\{\\s*packets (\\d+) bytes \\d+", Pattern.MULTILINE);

    private final CommandRunner runner;
    private @Nullable Applied applied;

    private record Applied(Ruleset ruleset, String listing) {}

    public NftApplier(CommandRunner runner) {
        this.runner = runner;
    }

    /** @return what was done, for the log; empty where nothing was to do */
    public List<String> apply(Ruleset desired) throws CommandFailedException {
        Applied before = applied;
        boolean intact = before != null && listing(desired).equals(before.listing());
        if (intact && before != null && before.ruleset().equals(desired)) {
            return List.of();
        }
        String text;
        List<String> changes = new ArrayList<>();
        if (intact && before != null && desired.hasShapeOf(before.ruleset())) {
            text = desired.updateFrom(before.ruleset());
            changes.add("elements of " + desired.table() + " updated");
        } else {
            text = desired.replacement();
            changes.add("table " + desired.table() + " applied");
        }
        applied = null;
        runner.run(List.of("nft", "-f", "-"), text);
        applied = new Applied(desired, listing(desired));
        return changes;
    }

    /** Packets per reason to drop. */
    public Map<String, Long> dropped(String table) throws CommandFailedException {
        List<String> argv = new ArrayList<>(List.of("nft", "list", "counters", "table"));
        argv.addAll(List.of(table.split(" ")));
        Map<String, Long> counts = new TreeMap<>();
        Matcher matcher = COUNTER.matcher(runner.run(argv, ""));
        while (matcher.find()) {
            counts.put(matcher.group(1), Long.parseLong(matcher.group(2)));
        }
        return counts;
    }

    /** Deletes the table; nothing where there is none. */
    public void remove(String table) throws CommandFailedException {
        applied = null;
        // declared first, so that deleting what is not there is no error
        runner.run(List.of("nft", "-f", "-"), "table " + table + "\ndelete table " + table + "\n");
    }

    private String listing(Ruleset ruleset) throws CommandFailedException {
        List<String> argv = new ArrayList<>(List.of("nft", "-s", "list", "table"));
        argv.addAll(List.of(ruleset.table().split(" ")));
        try {
            return runner.run(argv, "");
        } catch (CommandFailedException e) {
            if (e.stderr().contains("No such file or directory")) {
                return ""; // no such table: somebody flushed it, or we never applied it
            }
            throw e;
        }
    }
}
