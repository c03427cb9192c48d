package io.tombolo.problem;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One occurrence of a problem, as a planner or reader returns it. Findings are values: two passes over the same world
 * give equal findings, so that an event is written on change only.
 *
 * @param problem the entry of the catalogue
 * @param field path of the offending field, such as {@code spec.gateways[0].endpoint.address}; empty where none is
 * @param message says the value (never a secret's), what is wrong with it, and where it is not plain, what to do
 */
public record Finding(Problem problem, String field, String message) {
    public static Finding of(Problem problem, String field, String message) {
        return new Finding(problem, field, message);
    }

    public static Finding of(Problem problem, String message) {
        return new Finding(problem, "", message);
    }

    /** What people read: the message, led by the field where the message does not name it itself. */
    public String text() {
        return message.contains(field) ? message : field + ": " + message;
    }

    /** {@link #text()}, cut after so many characters. */
    public String text(int most) {
        String text = text();
        return text.substring(0, Math.min(most, text.length()));
    }

    /** Of findings about one object, in their order: those whose cause is not among them too. */
    public static List<Finding> withoutSymptoms(List<Finding> findings) {
        Set<Problem> present = findings.stream().map(Finding::problem).collect(Collectors.toSet());
        return findings.stream()
                .filter(finding -> !finding.problem().isSilencedBy(present))
                .toList();
    }
}
