package io.tombolo.kernel;

import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What others took away or changed though nobody wants it otherwise: logged as it is put right, so that whoever does it is
 * found, and counted since the agent's start.
 */
public final class Drift {
    private static final System.Logger LOG = System.getLogger(Drift.class.getName());
    private static final int MOST_NAMED = 10;

    private final EnumMap<Kind, Long> counts = new EnumMap<>(Kind.class);

    /** What it was. */
    public enum Kind {
        /** An interface of ours was gone, down, another one, or without its address. */
        INTERFACE("interfaces"),
        NEXTHOP("nexthops"),
        ROUTE("routes"),
        RULE("rules"),
        /** A table of nftables was gone or not as we left it. */
        TABLE("nftables tables");

        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }

        private String counted(long number) {
            return number + " " + (number == 1 ? plural.substring(0, plural.length() - 1) : plural);
        }
    }

    /** @param which as people should read it; none: nothing happened */
    public synchronized void found(Kind kind, Collection<String> which) {
        if (which.isEmpty()) {
            return;
        }
        counts.merge(kind, (long) which.size(), Long::sum);
        LOG.log(
                Level.WARNING,
                "{0}: {1} gone or changed, and put right: {2}{3}",
                Problem.DRIFT.reason(),
                kind.counted(which.size()),
                which.stream().limit(MOST_NAMED).collect(Collectors.joining(", ")),
                which.size() > MOST_NAMED ? " and more" : "");
    }

    /** The counts; empty while there was none. */
    public synchronized Optional<Finding> finding() {
        return counts.isEmpty()
                ? Optional.empty()
                : Optional.of(Finding.of(
                        Problem.DRIFT,
                        "put right since this agent started: "
                                + counts.entrySet().stream()
                                        .map(count -> count.getKey().counted(count.getValue()))
                                        .collect(Collectors.joining(", "))));
    }
}
