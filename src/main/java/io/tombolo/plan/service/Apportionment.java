package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/**
 * How many ready endpoints of each cluster are used, so that an even choice among them comes near the clusters' weights.
 * For a number of endpoints in all, each cluster's follows by largest remainder (Hamilton): it is less than one endpoint
 * off its due. That number is the highest that keeps every share within {@link #CLOSE} of its weight, for more endpoints
 * carry more; where none does, the one that comes nearest.
 *
 * @param parts ordered by cluster
 */
record Apportionment(List<Part> parts) {
    /** Percentage points. */
    private static final int CLOSE = 1;
    /** Of so many endpoints one is a point, so that largest remainder alone keeps within {@link #CLOSE}. */
    private static final int FINE = 100 / CLOSE;

    Apportionment {
        parts = List.copyOf(parts);
    }

    /**
     * A cluster that can receive.
     *
     * @param weight above 0
     * @param ready endpoints, at least 1
     */
    record Claim(ClusterId cluster, int weight, int ready) {}

    /** @param chosen endpoints; 0 where a single one would be too much */
    record Part(Claim claim, int chosen) {}

    /** @param claims at least one */
    static Apportionment of(Collection<Claim> claims) {
        List<Claim> ordered =
                claims.stream().sorted(Comparator.comparing(Claim::cluster)).toList();
        Apportionment best = divide(ordered, 1); // always possible: it goes to the greatest weight
        for (int seats = most(ordered); seats > 0; seats--) {
            Apportionment next = divide(ordered, seats);
            if (next.parts.stream().anyMatch(p -> p.chosen > p.claim.ready)) {
                continue;
            }
            if (!next.isOffBy(CLOSE)) {
                return next;
            }
            if (next.isNearerThan(best)) {
                best = next;
            }
        }
        return best;
    }

    /** Where to begin: no higher number is possible, or this one already is fine and possible. */
    private static int most(List<Claim> claims) {
        long total = claims.stream().mapToLong(Claim::weight).sum();
        long possible = claims.stream().mapToLong(Claim::ready).sum();
        long sure = possible;
        for (Claim claim : claims) {
            sure = Math.min(sure, claim.ready * total / claim.weight);
            possible = Math.min(possible, ((claim.ready + 1) * total - 1) / claim.weight);
        }
        return (int) (sure >= FINE ? sure : possible);
    }

    private static Apportionment divide(List<Claim> claims, int seats) {
        long total = claims.stream().mapToLong(Claim::weight).sum();
        Set<Claim> oneMore = claims.stream()
                .sorted(Comparator.<Claim>comparingLong(c -> -((long) seats * c.weight % total))
                        .thenComparingInt(c -> -c.weight)
                        .thenComparing(Claim::cluster))
                .limit(seats
                        - claims.stream()
                                .mapToLong(c -> (long) seats * c.weight / total)
                                .sum())
                .collect(Collectors.toSet());
        return new Apportionment(claims.stream()
                .map(c -> new Part(c, (int) ((long) seats * c.weight / total) + (oneMore.contains(c) ? 1 : 0)))
                .toList());
    }

    /** Whether a share is more than so many percentage points off its weight. */
    boolean isOffBy(int points) {
        return 100 * off() > points * weights() * chosen();
    }

    private boolean isNearerThan(Apportionment other) {
        int distance = Long.compare(off() * other.chosen(), other.off() * chosen());
        return distance < 0 || (distance == 0 && chosen() > other.chosen());
    }

    /** The greatest distance of a share from its weight, times both sums: whole, for an exact comparison. */
    private long off() {
        return parts.stream()
                .mapToLong(p -> Math.abs(p.chosen * weights() - p.claim.weight * chosen()))
                .max()
                .orElse(0);
    }

    private long weights() {
        return parts.stream().mapToLong(p -> p.claim.weight).sum();
    }

    private long chosen() {
        return parts.stream().mapToLong(Part::chosen).sum();
    }

    /** As people read it: what was asked for, of those that can receive, and what comes of it. */
    String text() {
        return "asked: " + percentages(p -> p.claim.weight, weights()) + "; given: "
                + percentages(Part::chosen, chosen());
    }

    private String percentages(ToIntFunction<Part> own, long total) {
        return parts.stream()
                .map(p -> p.claim.cluster + " " + Math.round(100d * own.applyAsInt(p) / total) + "%")
                .collect(Collectors.joining(", "));
    }
}
