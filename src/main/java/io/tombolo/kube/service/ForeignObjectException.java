package io.tombolo.kube.service;

/** Somebody else's object stands where ours would be. It stays; ours is not made. */
public final class ForeignObjectException extends Exception {
    private static final long serialVersionUID = 1L;

    ForeignObjectException(String message) {
        super(message);
    }
}
