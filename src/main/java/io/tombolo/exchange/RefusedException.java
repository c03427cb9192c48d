package io.tombolo.exchange;

import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;

/** What a peer sent cannot be accepted. It costs that object, not the stream. */
final class RefusedException extends Exception {
    private final transient Finding finding;

    RefusedException(Problem problem, String field, String message) {
        super(message, null, false, false); // thrown per object a stranger sends: no stack trace
        this.finding = Finding.of(problem, field, message);
    }

    Finding finding() {
        return finding;
    }
}
