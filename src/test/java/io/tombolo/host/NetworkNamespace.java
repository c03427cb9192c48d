package io.tombolo.host;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A real network namespace for a test. Needs root and {@code ip}; where they are missing the test fails and says so. Its
 * name is not shared with other processes: it ends in this process's id.
 */
public final class NetworkNamespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x40000000;

    private final CommandRunner runner = PosixSpawnRunner.create();
    private final String name;

    private NetworkNamespace(String name) {
        this.name = name;
    }

    /** @param prefix at most 10 characters */
    public static NetworkNamespace create(String prefix) throws CommandFailedException {
        NetworkNamespace namespace =
                new NetworkNamespace(prefix + "-" + ProcessHandle.current().pid());
        try {
            namespace.runner.run("ip", "netns", "add", namespace.name);
        } catch (CommandFailedException e) {
            throw new IllegalStateException(
                    "this test needs root, iproute2 and network namespaces: " + e.getMessage(), e);
        }
        namespace.run("ip", "link", "set", "lo", "up");
        return namespace;
    }

    public String name() {
        return name;
    }

    /** Runs a tool inside. */
    public String run(String... argv) throws CommandFailedException {
        return run(List.of(argv), "");
    }

    public String run(List<String> argv, String stdin) throws CommandFailedException {
        try {
            return within(() -> runner.run(argv, stdin));
        } catch (CommandFailedException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs code on a thread of its own that lives inside: what it spawns, opens and reads of /proc/sys/net is there. */
    public <T> T within(Callable<T> code) throws Exception {
        FutureTask<T> task = new FutureTask<>(() -> {
            enter();
            return code.call();
        });
        Thread.ofPlatform().start(task);
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        }
    }

    private void enter() {
        int descriptor = LibC.LIBC.open("/var/run/netns/" + name, LibC.O_CLOEXEC);
        if (descriptor < 0 || LibC.LIBC.setns(descriptor, CLONE_NEWNET) != 0) {
            throw new IllegalStateException("cannot enter namespace " + name + ": errno " + LibC.errno());
        }
        LibC.LIBC.close(descriptor);
    }

    @Override
    public void close() throws CommandFailedException {
        runner.run("ip", "netns", "delete", name);
    }
}
