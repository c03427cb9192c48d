package io.tombolo.exchange;

import io.grpc.Status;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.Objects;

/** What the end of a stream says of the peer. */
final class StreamEnd {
    private StreamEnd() {}

    static Finding of(Status status) {
        String words = Objects.requireNonNullElse(status.getDescription(), "");
        return Finding.of(
                problem(status, words),
                "the stream ended with " + status.getCode() + (words.isEmpty() ? "" : ": " + WireReader.shown(words)));
    }

    /** Which ends are our own gRPC's refusal of a message; a peer that uses such words accuses nobody but itself. */
    private static Problem problem(Status status, String words) {
        return switch (status.getCode()) {
            case RESOURCE_EXHAUSTED ->
                words.startsWith("gRPC message exceeds maximum size") ? Problem.LIMIT_EXCEEDED : Problem.STALE;
            // what came is no protobuf, no UTF-8, or nested too deeply
            case CANCELLED -> status.getCause() == null ? Problem.STALE : Problem.SNAPSHOT_REJECTED;
            // it is compressed, or no gRPC at all
            case INTERNAL -> Problem.SNAPSHOT_REJECTED;
            default -> Problem.STALE;
        };
    }
}
