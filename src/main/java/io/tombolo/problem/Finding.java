package io.tombolo.problem;

/**
 * One occurrence of a problem, as a planner or reader returns it. Findings are values: two passes over the same world
 * give equal findings, so that an event is written on change only.
 *
 * @param problem the entry of the catalogue
 * @param field path of the offending field, such as {@code spec.gateways[0].endpoint.address}; empty where none is
 * @param message says the field and the value (never a secret's) and what to do
 */
public record Finding(Problem problem, String field, String message) {
    public static Finding of(Problem problem, String field, String message) {
        return new Finding(problem, field, message);
    }

    public static Finding of(Problem problem, String message) {
        return new Finding(problem, "", message);
    }
}
