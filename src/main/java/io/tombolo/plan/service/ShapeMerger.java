package io.tombolo.plan.service;

import io.tombolo.plan.service.ExportedService.Port;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes one shape of what several clusters export under one name (KEP-1645, "Constraints and Conflict Resolution"): the
 * ports are a union, everything else is the oldest export's as a whole.
 */
final class ShapeMerger {
    /** Who wins: the oldest export, then the lower cluster ID. */
    static final Comparator<Export> PRECEDENCE =
            Comparator.<Export, Instant>comparing(e -> e.service().created()).thenComparing(Export::cluster);

    private ShapeMerger() {}

    /**
     * The union of ports, ordered by name. Merged by name, then by (protocol, port): of two that share either, the
     * older export's stands.
     *
     * @param exports in {@link #PRECEDENCE}
     */
    static List<Port> ports(List<Export> exports) {
        List<Port> union = new ArrayList<>();
        for (Export export : exports) {
            for (Port port : export.service().ports()) {
                if (union.stream().noneMatch(p -> p.name().equals(port.name()) || sameSocket(p, port))) {
                    union.add(port);
                }
            }
        }
        union.sort(Comparator.comparing(Port::name));
        return union;
    }

    static boolean sameSocket(Port a, Port b) {
        return a.transport() == b.transport() && a.port() == b.port();
    }

    /** What the exporters disagree on, in the catalogue's order. */
    static List<ConflictReason> conflicts(List<Export> exports) {
        Set<ConflictReason> found = EnumSet.noneOf(ConflictReason.class);
        note(found, exports, ConflictReason.PORT, s -> Set.copyOf(s.ports()));
        note(found, exports, ConflictReason.TYPE, ExportedService::headless);
        note(found, exports, ConflictReason.SESSION_AFFINITY, ExportedService::sessionAffinity);
        if (!found.contains(ConflictReason.SESSION_AFFINITY)) {
            note(found, exports, ConflictReason.SESSION_AFFINITY_CONFIG, ExportedService::sessionAffinityTimeout);
        }
        note(found, exports, ConflictReason.ANNOTATIONS, ExportedService::annotations);
        note(found, exports, ConflictReason.LABELS, ExportedService::labels);
        note(found, exports, ConflictReason.INTERNAL_TRAFFIC_POLICY, ExportedService::internalTrafficPolicy);
        note(found, exports, ConflictReason.TRAFFIC_DISTRIBUTION, ExportedService::trafficDistribution);
        note(found, exports, ConflictReason.IP_FAMILY, s -> Set.copyOf(s.ipFamilies()));
        return List.copyOf(found);
    }

    private static void note(
            Set<ConflictReason> found,
            List<Export> exports,
            ConflictReason reason,
            Function<ExportedService, Object> aspect) {
        if (exports.stream().map(Export::service).map(aspect).distinct().count() > 1) {
            found.add(reason);
        }
    }
}
