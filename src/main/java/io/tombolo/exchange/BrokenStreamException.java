package io.tombolo.exchange;

import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;

/** The peer breaks the protocol: the stream ends, and what is held stays as it was. */
final class BrokenStreamException extends Exception {
    private final transient Finding finding;

    BrokenStreamException(Problem problem, String field, String message) {
        super(message, null, false, false); // a stranger decides how often this is thrown
        this.finding = Finding.of(problem, field, message);
    }

    Finding finding() {
        return finding;
    }
}
