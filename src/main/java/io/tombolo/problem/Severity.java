package io.tombolo.problem;

/** How much a problem takes away. */
public enum Severity {
    /** Worth knowing; nothing is lost. */
    NOTICE,
    /** Works, with less than was asked for. */
    WARNING,
    /** What the object asks for does not work. */
    ERROR
}
