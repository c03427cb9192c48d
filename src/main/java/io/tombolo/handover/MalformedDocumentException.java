package io.tombolo.handover;

/** What the operator handed over cannot be read; the last good document stays in force. */
public final class MalformedDocumentException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedDocumentException(String message) {
        super(message);
    }

    MalformedDocumentException(String message, Throwable cause) {
        super(message, cause);
    }
}
