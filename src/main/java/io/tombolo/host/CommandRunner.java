package io.tombolo.host;

import java.util.List;

/** Runs the host's tools ({@code ip}, {@code nft}, {@code wg}): argv arrays, never a shell. */
public interface CommandRunner {
    /**
     * Runs {@code argv} with {@code stdin} as its standard input and waits for it.
     *
     * @return what it wrote to standard output
     * @throws CommandFailedException where it cannot be started, ends with another status than 0, or takes longer than
     *     the runner's limit; the message carries argv and standard error, never stdin (which may hold a key)
     */
    String run(List<String> argv, String stdin) throws CommandFailedException;

    default String run(String... argv) throws CommandFailedException {
        return run(List.of(argv), "");
    }

    /**
     * Whether the process of that id was started here, and lately: a change in the kernel that it made is no news. A runner
     * that does not know says no.
     */
    default boolean started(int pid) {
        return false;
    }
}
