package io.tombolo.operator.localcluster;

import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ObjectNames;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/** LocalCluster → when its lane keys are too old. */
final class RotationReader {
    /** Of {@code spec.keys.rotationHours}, as the CRD has it. */
    private static final int DEFAULT_HOURS = 720;

    private RotationReader() {}

    /** @param finding where the annotation cannot be read, and counts for nothing */
    record Result(LaneKeyPlanner.Schedule schedule, Optional<Finding> finding) {}

    static Result read(LocalCluster cluster) {
        int hours = cluster.getSpec().keys() == null || cluster.getSpec().keys().rotationHours() == null
                ? DEFAULT_HOURS
                : cluster.getSpec().keys().rotationHours();
        Optional<Duration> every = hours == 0 ? Optional.empty() : Optional.of(Duration.ofHours(hours));
        Optional<String> asked = Optional.ofNullable(cluster.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(ObjectNames.ROTATE_ANNOTATION));
        try {
            return new Result(new LaneKeyPlanner.Schedule(every, asked.map(RotationReader::time)), Optional.empty());
        } catch (DateTimeException e) {
            return new Result(
                    new LaneKeyPlanner.Schedule(every, Optional.empty()),
                    Optional.of(Finding.of(
                            Problem.TIME_INVALID,
                            "metadata.annotations[" + ObjectNames.ROTATE_ANNOTATION + "]",
                            "no time as in 2026-01-31T12:00:00Z")));
        }
    }

    private static Instant time(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }
}
