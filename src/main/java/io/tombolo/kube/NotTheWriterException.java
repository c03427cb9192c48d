package io.tombolo.kube;

/** Somebody else may hold the Lease by now under which this would be written: it was not. */
public final class NotTheWriterException extends RuntimeException {
    NotTheWriterException(String what) {
        super(what + " is not written: the Lease was not renewed in time, and may be another's");
    }
}
