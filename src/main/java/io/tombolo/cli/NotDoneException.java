package io.tombolo.cli;

/** A command could not do what it was asked to; the message says why and what to do. */
final class NotDoneException extends Exception {
    private static final long serialVersionUID = 1L;

    NotDoneException(String message) {
        super(message);
    }
}
