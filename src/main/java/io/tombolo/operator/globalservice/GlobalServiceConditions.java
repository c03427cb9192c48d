package io.tombolo.operator.globalservice;

import io.fabric8.kubernetes.api.model.Condition;
import io.tombolo.api.v1alpha1.GlobalServiceStatus.Cluster;
import io.tombolo.api.v1alpha1.GlobalServiceStatus.ClusterState;
import io.tombolo.kube.Conditions;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.problem.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What GlobalService says of itself: whether it exports, and whether somebody receives its traffic. */
final class GlobalServiceConditions {
    static final String EXPORTED = "Exported";
    static final String ROUTED = "Routed";
    static final String ACCEPTED = Conditions.ACCEPTED;

    private GlobalServiceConditions() {}

    /**
     * @param wanted whether {@code export.policy} asks for an export
     * @param export why the Service is not exported; empty where it is, or where none is asked for
     * @param unknown clusters that are named without a link
     * @param routing where traffic goes otherwise than asked
     */
    record Facts(
            boolean wanted,
            Optional<Finding> export,
            List<Finding> unknown,
            List<Finding> routing,
            List<Cluster> clusters) {
        Facts {
            unknown = List.copyOf(unknown);
            routing = List.copyOf(routing);
            clusters = List.copyOf(clusters);
        }
    }

    static List<Condition> first(@Nullable Long generation) {
        return List.of(
                Conditions.unknown(Conditions.READY, "Starting", "this service is looked at", generation),
                Conditions.of(Conditions.RECONCILING, true, "Starting", "this service is looked at", generation));
    }

    static List<Condition> of(Facts facts, @Nullable Long generation) {
        List<Condition> wanted = new ArrayList<>();
        Optional<Finding> error = facts.export.filter(f -> f.problem().severity() == Severity.ERROR);
        if (error.isPresent()) {
            String reason = error.get().problem().reason();
            wanted.add(
                    Conditions.of(Conditions.READY, false, reason, error.get().text(), generation));
            wanted.add(
                    Conditions.of(Conditions.STALLED, true, reason, error.get().text(), generation));
        } else if (facts.wanted && facts.export.isEmpty()) {
            wanted.add(Conditions.of(Conditions.READY, true, "Exported", "linked clusters can import it", generation));
        } else if (facts.clusters.stream().anyMatch(c -> c.state() == ClusterState.RECEIVING)) {
            wanted.add(Conditions.of(Conditions.READY, true, "Imported", receiving(facts.clusters), generation));
        } else {
            String reason = facts.export.map(f -> f.problem().reason()).orElse("NotImported");
            String message =
                    facts.export.map(f -> f.text() + ", and ").orElse("") + "no cluster has a ready endpoint of it";
            wanted.add(Conditions.of(Conditions.READY, false, reason, message, generation));
            wanted.add(Conditions.of(Conditions.RECONCILING, true, reason, message, generation));
        }
        wanted.add(exported(facts, generation));
        wanted.add(unless(facts.unknown, ACCEPTED, "Accepted", "every cluster that is named is linked", generation));
        wanted.add(unless(facts.routing, ROUTED, "Routed", "traffic goes as spec.routing says", generation));
        return wanted;
    }

    private static Condition unless(
            List<Finding> findings, String type, String reason, String message, @Nullable Long generation) {
        return findings.isEmpty()
                ? Conditions.of(type, true, reason, message, generation)
                : Conditions.of(
                        type,
                        false,
                        findings.getFirst().problem().reason(),
                        String.join("; ", findings.stream().map(Finding::text).toList()),
                        generation);
    }

    /** Clusters that get traffic, with their shares, as people read it. */
    static String receiving(List<Cluster> clusters) {
        return String.join(
                ", ",
                clusters.stream()
                        .filter(c -> c.state() == ClusterState.RECEIVING)
                        .map(c -> c.cluster() + " " + c.sharePercent() + "%")
                        .toList());
    }

    private static Condition exported(Facts facts, @Nullable Long generation) {
        if (!facts.wanted) {
            return Conditions.of(EXPORTED, false, "Never", "spec.export.policy is Never", generation);
        }
        return facts.export
                .map(f -> Conditions.of(EXPORTED, false, f.problem().reason(), f.text(), generation))
                .orElseGet(
                        () -> Conditions.of(EXPORTED, true, "Exported", "linked clusters can import it", generation));
    }

    /** Clusters that are named and that no link leads to. */
    static List<Finding> unknownClusters(String field, @Nullable List<String> named, Set<String> known) {
        return (named == null ? List.<String>of() : named)
                .stream()
                        .filter(cluster -> !known.contains(cluster))
                        .map(cluster -> Finding.of(
                                Problem.UNKNOWN_CLUSTER, field, field + ": there is no ClusterLink " + cluster))
                        .toList();
    }
}
