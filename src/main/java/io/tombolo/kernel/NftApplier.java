package io.tombolo.kernel;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.host.StateDirectory;
import io.tombolo.plan.firewall.Ruleset;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one table of ours as planned. Whether the kernel still has what we gave it shows in its listing: it must be the one that
 * stood there right after we applied. The digest of both is kept on disk, so that an agent that starts again leaves a table
 * alone that is as it should be. To replace it is one transaction, and yet costs a packet now and then (1 in 100 replacements
 * under a 1 kHz flow on a busy machine): most likely one inside a chain of the old table when the old table's sets end.
 */
public final class NftApplier {
    private static final System.Logger LOG = System.getLogger(NftApplier.class.getName());
    private static final Pattern COUNTER =
            Pattern.compile("counter (\\w+) \\{\\s*packets (\\d+) bytes \\d+", Pattern.MULTILINE);

    private final CommandRunner runner;
    private final StateDirectory state;
    private final String file;
    private final Drift drift;
    private @Nullable Applied applied;

    private record Applied(Ruleset ruleset, String listing) {
        String digest() {
            return StateDirectory.sha256((ruleset.replacement() + listing).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** @param file in {@code state}, where the table as applied is recognised by */
    public NftApplier(CommandRunner runner, StateDirectory state, String file, Drift drift) {
        this.runner = runner;
        this.state = state;
        this.file = file;
        this.drift = drift;
    }

    /** @return what was done, for the log; empty where nothing was to do */
    public List<String> apply(Ruleset desired) throws CommandFailedException {
        String standing = listing(desired);
        Applied before = applied != null ? applied : adopted(desired, standing);
        boolean intact = before != null && standing.equals(before.listing());
        if (intact && before != null && before.ruleset().equals(desired)) {
            applied = before;
            return List.of();
        }
        if (applied != null && !intact) {
            drift.found(Drift.Kind.TABLE, List.of(desired.table()));
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
        Applied now = new Applied(desired, listing(desired));
        applied = now;
        remember(now);
        return changes;
    }

    /** What an agent before this one applied, where that is just what is wanted now. */
    private @Nullable Applied adopted(Ruleset desired, String standing) {
        Applied wanted = new Applied(desired, standing);
        try {
            return state.read(file) instanceof StateDirectory.Stored.Whole whole
                            && whole.text().equals(wanted.digest())
                    ? wanted
                    : null;
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} is applied anew: {1}", desired.table(), e.getMessage());
            return null;
        }
    }

    private void remember(Applied now) {
        try {
            state.write(file, now.digest());
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "the next agent will apply {0} anew: {1}",
                    now.ruleset().table(),
                    e.getMessage());
        }
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

    /** Deletes the table, and its digest; nothing where there is none. */
    public void remove(String table) throws CommandFailedException {
        applied = null;
        try {
            state.delete(file);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "left behind: {0}", e.getMessage());
        }
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
