package io.tombolo.trust;

/** Bytes of a peer that are no announcement or no hello. The one thing the decoders of this package throw. */
public final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    MalformedMessageException(String reason) {
        super(reason);
        this.reason = reason;
    }

    MalformedMessageException(IllegalArgumentException cause) {
        super(cause);
        this.reason = String.valueOf(cause.getMessage());
    }

    /** What is wrong with the bytes. */
    public String reason() {
        return reason;
    }
}
