package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Conditions as kstatus reads them: {@code Ready}, {@code Reconciling}, {@code Stalled}, and facts beside them. */
public final class Conditions {
    public static final String READY = "Ready";
    public static final String RECONCILING = "Reconciling";
    public static final String STALLED = "Stalled";
    /** Whether everything that was asked for, or said by a peer, is taken as it is. */
    public static final String ACCEPTED = "Accepted";

    /** Longest message the schema takes. */
    private static final int MAX_MESSAGE = 32_768;

    private Conditions() {}

    /** @param reason an entry of the problem catalogue, or a CamelCase word that names the good state */
    public static Condition of(String type, boolean status, String reason, String message, @Nullable Long generation) {
        return condition(type, status ? "True" : "False", reason, message, generation);
    }

    public static Condition unknown(String type, String reason, String message, @Nullable Long generation) {
        return condition(type, "Unknown", reason, message, generation);
    }

    /**
     * The wanted conditions, each with the time of its last change of status: the observed one's where the status is the
     * same, {@code now} else. Conditions that are not wanted go.
     */
    public static List<Condition> merge(@Nullable List<Condition> observed, List<Condition> wanted, Instant now) {
        List<Condition> merged = new ArrayList<>(wanted.size());
        for (Condition want : wanted) {
            Condition old = find(observed, want.getType());
            boolean same = old != null && Objects.equals(old.getStatus(), want.getStatus());
            merged.add(new ConditionBuilder(want)
                    .withLastTransitionTime(
                            same && old != null && old.getLastTransitionTime() != null
                                    ? old.getLastTransitionTime()
                                    : now.truncatedTo(ChronoUnit.SECONDS).toString())
                    .build());
        }
        return merged;
    }

    /** The condition of a type, or null. */
    public static @Nullable Condition find(@Nullable List<Condition> conditions, String type) {
        return conditions == null
                ? null
                : conditions.stream()
                        .filter(c -> c.getType().equals(type))
                        .findFirst()
                        .orElse(null);
    }

    public static boolean isTrue(@Nullable List<Condition> conditions, String type) {
        Condition condition = find(conditions, type);
        return condition != null && "True".equals(condition.getStatus());
    }

    private static Condition condition(
            String type, String status, String reason, String message, @Nullable Long generation) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withMessage(message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message)
                .withObservedGeneration(generation)
                .build();
    }
}
