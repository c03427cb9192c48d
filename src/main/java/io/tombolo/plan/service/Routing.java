package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import java.util.List;

/**
 * Whom a service is imported from and how its traffic is spread.
 *
 * @param fromClusters the only clusters that count, for endpoints and for the service's shape; empty: all
 */
public record Routing(Strategy strategy, List<ClusterId> fromClusters) {
    /** A plain ServiceExport, without a GlobalService, is spread evenly over everybody (KEP-1645). */
    public static final Routing PLAIN = new Routing(Strategy.BALANCED, List.of());

    public Routing {
        fromClusters = List.copyOf(fromClusters);
    }

    /** How traffic is spread over the clusters that have ready endpoints. */
    public enum Strategy {
        /** To our own exported endpoints while one is ready, per port; to all other live clusters otherwise. */
        LOCAL_FIRST,
        /** To all ready endpoints of all live clusters. */
        BALANCED
    }

    boolean counts(ClusterId cluster) {
        return fromClusters.isEmpty() || fromClusters.contains(cluster);
    }
}
