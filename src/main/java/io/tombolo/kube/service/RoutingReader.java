package io.tombolo.kube.service;

import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.GlobalServiceSpec;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.Routing;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How a service is routed, as its GlobalService says: the importer and the status read it alike. */
public final class RoutingReader {
    private static final int LEAST_READY_PERCENT = 1;

    private RoutingReader() {}

    /** @param service null: spread evenly, as a plain ServiceExport is */
    public static Routing read(@Nullable GlobalService service) {
        if (service == null) {
            return Routing.PLAIN;
        }
        GlobalServiceSpec spec = service.getSpec();
        return new Routing(
                strategy(spec == null ? null : spec.routing()),
                clusters(
                        spec == null || spec.imports() == null
                                ? null
                                : spec.imports().fromClusters()));
    }

    private static Routing.Strategy strategy(GlobalServiceSpec.@Nullable Routing spec) {
        if (spec == null || spec.strategy() == null) {
            return new Routing.LocalFirst();
        }
        return switch (spec.strategy()) {
            case LOCAL_FIRST -> new Routing.LocalFirst();
            case BALANCED -> new Routing.Balanced();
            case WEIGHTED -> {
                SortedMap<ClusterId, Integer> weights = new TreeMap<>();
                if (spec.weights() != null) {
                    spec.weights().forEach(w -> weights.put(new ClusterId(w.cluster()), w.weight()));
                }
                yield new Routing.Weighted(weights);
            }
            case ORDERED ->
                new Routing.Ordered(
                        clusters(spec.order()),
                        Objects.requireNonNullElse(spec.minReadyPercent(), LEAST_READY_PERCENT));
        };
    }

    private static List<ClusterId> clusters(@Nullable List<String> names) {
        return names == null ? List.of() : names.stream().map(ClusterId::new).toList();
    }
}
