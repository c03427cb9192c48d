package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Whom a service is imported from and how its traffic is spread.
 *
 * @param fromClusters the only clusters that count, for endpoints and for the service's shape; empty: all
 */
public record Routing(Strategy strategy, List<ClusterId> fromClusters) {
    /** A plain ServiceExport, without a GlobalService, is spread evenly over everybody (KEP-1645). */
    public static final Routing PLAIN = new Routing(new Balanced(), List.of());

    public Routing {
        fromClusters = List.copyOf(fromClusters);
    }

    /** How traffic is spread over the clusters that have ready endpoints. */
    public sealed interface Strategy permits LocalFirst, Balanced, Weighted, Ordered {}

    /** To our own exported endpoints while one is ready, per port; to all other live clusters otherwise. */
    public record LocalFirst() implements Strategy {}

    /** To all ready endpoints of all live clusters. */
    public record Balanced() implements Strategy {}

    /**
     * In proportion, as near as whole endpoints come to it; see {@link Apportionment}.
     *
     * @param weights 0-1000 each, one above 0; a cluster of weight 0, or none, receives nothing
     */
    public record Weighted(SortedMap<ClusterId, Integer> weights) implements Strategy {
        public Weighted {
            weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
        }

        int weight(ClusterId cluster) {
            return weights.getOrDefault(cluster, 0);
        }
    }

    /**
     * To the first cluster of the order that is live and ready enough; where none is, to the first with any ready
     * endpoint, for little is better than nothing.
     *
     * @param minReadyPercent 1-100, of the endpoints that are not terminating
     */
    public record Ordered(List<ClusterId> order, int minReadyPercent) implements Strategy {
        public Ordered {
            order = List.copyOf(order);
        }
    }

    public boolean counts(ClusterId cluster) {
        return fromClusters.isEmpty() || fromClusters.contains(cluster);
    }
}
