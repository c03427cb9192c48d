package io.tombolo.net;

/** What was parsed means something, but is not in the one spelling that is taken. */
public final class NotCanonicalException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    NotCanonicalException(String message) {
        super(message);
    }
}
