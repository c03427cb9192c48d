package io.tombolo.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The project's own lab: what a test does to machines rather than to an API server. */
final class Lab {
    private static final long SECONDS = 60;

    private Lab() {}

    /** @throws AssertionError where the clusters under test are not this lab's */
    static Lab require() {
        Lab lab = new Lab();
        lab.run("status");
        return lab;
    }

    /** Runs a command in the namespaces of a machine, such as {@code west-n1}, or of the router {@code wan}. */
    String exec(String machine, String... command) {
        List<String> arguments = new ArrayList<>(List.of("exec", machine));
        arguments.addAll(List.of(command));
        return run(arguments.toArray(String[]::new));
    }

    /** Starts a command on a machine and leaves it running; the caller ends it. */
    Process start(String machine, String... command) {
        List<String> arguments = new ArrayList<>(List.of("e2e/lab/lab", "exec", machine));
        arguments.addAll(List.of(command));
        try {
            return new ProcessBuilder(arguments).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void powerOff(String machine) {
        run("stop", machine);
    }

    void powerOn(String machine) {
        run("start", machine);
    }

    /** Seconds since boot, the same clock on every machine of the lab. */
    static double uptime() {
        try {
            return Double.parseDouble(Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Until a quarter of the machine's time is to spare: what is timed must not wait for what the test before it set going,
     * such as a whole control plane that starts. At most for half a minute: a machine that is busy with something else is
     * taken as it is.
     */
    static void awaitCalm() {
        AtomicReference<Ticks> before = new AtomicReference<>(Ticks.now());
        double until = uptime() + 30;
        Awaitility.await("the machine is calm")
                .forever()
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> {
                    Ticks now = Ticks.now();
                    Ticks then = before.getAndSet(now);
                    return uptime() > until || 4 * (now.idle() - then.idle()) > now.all() - then.all();
                });
    }

    /** What all cores together did since boot, in ticks; proc(5), /proc/stat. */
    private record Ticks(long idle, long all) {
        static Ticks now() {
            try (Stream<String> lines = Files.lines(Path.of("/proc/stat"))) {
                long[] ticks = Stream.of(lines.findFirst().orElseThrow().split(" +"))
                        .skip(1)
                        .mapToLong(Long::parseLong)
                        .toArray();
                return new Ticks(ticks[3], LongStream.of(ticks).sum());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("e2e/lab/lab"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command).start();
            process.getOutputStream().close();
            // standard error is small (progress); standard output is read whole before waiting
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", command) + ": " + out + err);
            }
            return out.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
