package io.tombolo.host;

import java.util.List;

/** A tool of the host did not do what it was asked to. */
public final class CommandFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String stderr;

    /** @param status exit status; 127 where it could not be started; 128 + n where signal n ended it */
    public CommandFailedException(List<String> argv, int status, String stderr) {
        super(String.join(" ", argv) + ": status " + status + (stderr.isBlank() ? "" : ": " + stderr.strip()));
        this.status = status;
        this.stderr = stderr;
    }

    public int status() {
        return status;
    }

    public String stderr() {
        return stderr;
    }
}
