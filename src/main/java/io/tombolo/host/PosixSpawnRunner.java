package io.tombolo.host;

import static io.tombolo.host.LibC.LIBC;

import io.tombolo.host.Polled.Direction;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import jnr.constants.platform.Errno;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.SpawnFileAction;

/**
 * Spawns by {@code posix_spawnp}: half the time of ProcessBuilder, no helper process, no thread per pipe. One thread
 * feeds and drains all three pipes by {@code poll}, so neither side can wait for the other for ever.
 *
 * <p>Not to be mixed with {@code ProcessBuilder} in one process: every descriptor is marked close-on-exec before a spawn,
 * also those its helper would need.
 */
public final class PosixSpawnRunner implements CommandRunner {
    /** No tool of ours may write more; what does is broken. */
    private static final int MAX_OUTPUT_BYTES = 64 << 20;

    private static final int PIPE_BUF = 4096;
    private static final int WNOHANG = 1;
    private static final int SIGKILL = 9;
    private static final int NOT_STARTED = 127;
    private static final List<String> ENVIRONMENT =
            List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C");

    /** So long after its start a process of ours is still known; what it does takes milliseconds. */
    private static final long LATELY_NANOS = Duration.ofSeconds(5).toNanos();

    private final POSIX posix;
    private final Duration limit;
    /** When each was started ({@code System.nanoTime}), by its id. */
    private final Map<Integer, Long> children = new ConcurrentHashMap<>();

    /**
     * @param limit how long one command may take before it is killed
     * @throws IllegalStateException where the native library could not be loaded (its directory must be writable, or
     *     {@code -Djffi.boot.library.path} must name where it lies)
     */
    public PosixSpawnRunner(Duration limit) {
        this.limit = limit;
        posix = POSIXFactory.getPOSIX();
        if (!posix.isNative()) {
            throw new IllegalStateException(
                    "jnr-posix runs without its native library: mount a writable /tmp or set -Djffi.boot.library.path");
        }
    }

    /** With a limit of 20 s: far above the slowest batch (1,000 rules: 27 ms), below every watchdog. */
    public static PosixSpawnRunner create() {
        return new PosixSpawnRunner(Duration.ofSeconds(20));
    }

    @Override
    public String run(List<String> argv, String stdin) throws CommandFailedException {
        long deadline = System.nanoTime() + limit.toNanos();
        try (Pipe in = Pipe.open();
                Pipe out = Pipe.open();
                Pipe err = Pipe.open()) {
            int pid = spawn(argv, in, out, err);
            in.closeReadEnd();
            out.closeWriteEnd();
            err.closeWriteEnd();
            Outcome outcome;
            try {
                outcome = converse(pid, stdin.getBytes(StandardCharsets.UTF_8), in, out, err, deadline);
            } catch (RuntimeException e) {
                kill(pid);
                throw e;
            }
            if (outcome.status() != 0) {
                throw new CommandFailedException(argv, outcome.status(), outcome.stderr());
            }
            return outcome.stdout();
        }
    }

    private int spawn(List<String> argv, Pipe in, Pipe out, Pipe err) throws CommandFailedException {
        // Older kernels lack the call or the flag: then descriptors leak into a short-lived tool, which harms nothing.
        LIBC.close_range(3, -1, LibC.CLOSE_RANGE_CLOEXEC);
        long pid = posix.posix_spawnp(
                argv.getFirst(),
                List.of(
                        SpawnFileAction.dup(in.readEnd(), 0),
                        SpawnFileAction.dup(out.writeEnd(), 1),
                        SpawnFileAction.dup(err.writeEnd(), 2)),
                argv,
                ENVIRONMENT);
        if (pid < 0) {
            throw new CommandFailedException(
                    argv,
                    NOT_STARTED,
                    "cannot be started: " + Errno.valueOf(posix.errno()).description());
        }
        long now = System.nanoTime();
        children.values().removeIf(at -> now - at > LATELY_NANOS);
        children.put((int) pid, now);
        return (int) pid;
    }

    @Override
    public boolean started(int pid) {
        Long at = children.get(pid);
        return at != null && System.nanoTime() - at <= LATELY_NANOS;
    }

    private Outcome converse(int pid, byte[] stdin, Pipe in, Pipe out, Pipe err, long deadline) {
        ByteArrayOutputStream stdout = new ByteArrayOutputStream();
        ByteArrayOutputStream stderr = new ByteArrayOutputStream();
        int written = 0;
        boolean outOpen = true;
        boolean errOpen = true;
        if (stdin.length == 0) {
            in.closeWriteEnd();
        }
        while (outOpen || errOpen) {
            List<Polled> wanted = new ArrayList<>(3);
            if (outOpen) {
                wanted.add(new Polled(out.readEnd(), Direction.READ));
            }
            if (errOpen) {
                wanted.add(new Polled(err.readEnd(), Direction.READ));
            }
            if (written < stdin.length) {
                wanted.add(new Polled(in.writeEnd(), Direction.WRITE));
            }
            List<Polled> ready = Polled.await(wanted, millisUntil(deadline));
            if (ready.isEmpty() && millisUntil(deadline) == 0) {
                return timedOut(pid, stderr);
            }
            for (Polled polled : ready) {
                if (polled.descriptor() == in.writeEnd()) {
                    written = feed(in, stdin, written);
                } else if (polled.descriptor() == out.readEnd()) {
                    outOpen = drain(out, stdout);
                } else {
                    errOpen = drain(err, stderr);
                }
            }
            if (stdout.size() > MAX_OUTPUT_BYTES || stderr.size() > MAX_OUTPUT_BYTES) {
                kill(pid);
                return new Outcome(128 + SIGKILL, "", "wrote more than " + MAX_OUTPUT_BYTES + " bytes");
            }
        }
        return reap(pid, stdout, stderr, deadline);
    }

    /** A pipe that polls writable takes PIPE_BUF bytes without blocking. A tool that does not read on is not fed on. */
    private int feed(Pipe in, byte[] stdin, int from) {
        int length = Math.min(PIPE_BUF, stdin.length - from);
        byte[] chunk = java.util.Arrays.copyOfRange(stdin, from, from + length);
        int wrote = posix.write(in.writeEnd(), chunk, length);
        int next = wrote < 0 ? stdin.length : from + wrote;
        if (next == stdin.length) {
            in.closeWriteEnd();
        }
        return next;
    }

    private boolean drain(Pipe pipe, ByteArrayOutputStream into) {
        byte[] buffer = new byte[65_536];
        int read = posix.read(pipe.readEnd(), buffer, buffer.length);
        if (read <= 0) {
            return false;
        }
        into.write(buffer, 0, read);
        return true;
    }

    private Outcome reap(int pid, ByteArrayOutputStream stdout, ByteArrayOutputStream stderr, long deadline) {
        int[] status = new int[1];
        while (posix.waitpid(pid, status, WNOHANG) == 0) {
            if (millisUntil(deadline) == 0) {
                return timedOut(pid, stderr);
            }
            Polled.await(List.of(), 1); // both outputs are closed, so it is on its way out
        }
        int signal = status[0] & 0x7f;
        int exit = signal == 0 ? (status[0] >> 8) & 0xff : 128 + signal;
        return new Outcome(exit, stdout.toString(StandardCharsets.UTF_8), stderr.toString(StandardCharsets.UTF_8));
    }

    private Outcome timedOut(int pid, ByteArrayOutputStream stderr) {
        kill(pid);
        return new Outcome(
                128 + SIGKILL,
                "",
                "killed after " + limit.toMillis() + " ms " + stderr.toString(StandardCharsets.UTF_8));
    }

    private void kill(int pid) {
        posix.kill(pid, SIGKILL);
        posix.waitpid(pid, new int[1], 0);
    }

    private static int millisUntil(long deadline) {
        return (int) Math.max(0, (deadline - System.nanoTime() + 999_999) / 1_000_000);
    }

    private record Outcome(int status, String stdout, String stderr) {}
}
