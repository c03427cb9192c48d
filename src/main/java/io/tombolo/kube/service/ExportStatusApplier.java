package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.kube.Applier;
import io.tombolo.kube.Conditions;
import io.tombolo.plan.service.ConflictReason;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Conditions of our ServiceExports, with the reasons that mcs-api v1beta1 defines. */
public final class ExportStatusApplier {
    /** What is in the way though the Service could be exported. */
    private static final Set<Problem> NOT_OF_SHAPE =
            EnumSet.of(Problem.NAMESPACE_FORBIDDEN, Problem.NAMESPACE_NOT_ACCEPTED, Problem.LIMIT_EXCEEDED);

    /** The message of a condition has 32 KiB; a name may have 253 characters. */
    private static final int MOST_NAMED = 5;

    private final Applier applier;
    private final LocalExports exports;
    private final Clock clock;

    /** @param applier of the importer */
    public ExportStatusApplier(Applier applier, LocalExports exports, Clock clock) {
        this.applier = applier;
        this.exports = exports;
        this.clock = clock;
    }

    /**
     * @return whether anything had to be written
     * @throws KubernetesClientException with the API's own words
     */
    public boolean apply(LocalExport export, ServicePlan plan) {
        Optional<ServiceExport> found = exports.serviceExport(export.name());
        if (found.isEmpty()) {
            return false;
        }
        List<Condition> before =
                found.get().getStatus() == null ? null : found.get().getStatus().conditions();
        List<Condition> wanted = Conditions.merge(before, conditions(export, plan), clock.instant());
        if (wanted.stream().allMatch(c -> same(Conditions.find(before, c.getType()), c))) {
            return false;
        }
        ServiceExport status = new ServiceExport();
        status.setMetadata(new ObjectMetaBuilder()
                .withNamespace(export.name().namespace())
                .withName(export.name().name())
                .build());
        status.setStatus(new ServiceExport.Status(wanted));
        try {
            applier.applyStatus(status);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false; // it went meanwhile
            }
            throw e;
        }
        return true;
    }

    private static boolean same(@Nullable Condition found, Condition wanted) {
        return found != null
                && Objects.equals(found.getStatus(), wanted.getStatus())
                && Objects.equals(found.getReason(), wanted.getReason())
                && Objects.equals(found.getMessage(), wanted.getMessage())
                && Objects.equals(found.getObservedGeneration(), wanted.getObservedGeneration());
    }

    static List<Condition> conditions(LocalExport export, ServicePlan plan) {
        long generation = export.generation();
        if (export.refused().isPresent()) {
            Finding why = export.refused().get();
            boolean shape = !NOT_OF_SHAPE.contains(why.problem());
            String words = why.problem().reason() + ": " + why.text() + ". "
                    + why.problem().remedy();
            return List.of(
                    shape
                            ? Conditions.of(
                                    "Valid",
                                    false,
                                    why.problem() == Problem.NO_LOCAL_SERVICE ? "NoService" : "InvalidServiceType",
                                    words,
                                    generation)
                            : Conditions.of("Valid", true, "Valid", "The Service can be exported.", generation),
                    shape
                            ? Conditions.of("Ready", false, "Pending", "Not exported: see condition Valid.", generation)
                            : Conditions.of("Ready", false, "Failed", words, generation),
                    noConflicts(generation));
        }
        return List.of(
                Conditions.of("Valid", true, "Valid", "The Service can be exported.", generation),
                Conditions.of(
                        "Ready", true, "Exported", "Linked clusters can import it." + leftOut(export), generation),
                plan.conflicts().isEmpty() ? noConflicts(generation) : conflict(plan, generation));
    }

    private static String leftOut(LocalExport export) {
        if (export.forged().isEmpty()) {
            return "";
        }
        int more = export.forged().size() - MOST_NAMED;
        return " Left out: what EndpointSlices hold that Kubernetes did not make for this Service ("
                + export.forged().stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "") + "). Only pods of its selector are exported.";
    }

    private static Condition noConflicts(long generation) {
        return Conditions.of("Conflict", false, "NoConflicts", "Every exporter agrees.", generation);
    }

    private static Condition conflict(ServicePlan plan, long generation) {
        String reasons = plan.conflicts().stream().map(ConflictReason::reason).collect(Collectors.joining(","));
        String subjects = plan.conflicts().stream().map(ConflictReason::subject).collect(Collectors.joining(", "));
        String winner = plan.winner()
                .map(c -> " The oldest export, of cluster " + c + ", wins; ports are united.")
                .orElse("");
        return Conditions.of(
                "Conflict", true, reasons, "The exporters disagree on " + subjects + "." + winner, generation);
    }
}
