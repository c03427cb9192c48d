package io.tombolo.gateway;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A machine of a test: network and mount namespaces of its own, which live as long as a process that waits for its
 * standard input to end. Whatever kills the test, nothing stays.
 */
final class Namespace implements AutoCloseable, CommandRunner {
    private final Process holder;
    private final List<Process> started = new ArrayList<>();

    private Namespace(Process holder) {
        this.holder = holder;
    }

    static Namespace make() throws IOException {
        requireTools("unshare", "nsenter", "ip", "nft", "wg", "wireguard-go", "sysctl");
        Process holder = new ProcessBuilder(
                        "unshare",
                        "-n",
                        "-m",
                        "sh",
                        "-c",
                        "mkdir -p /var/run/wireguard && mount -t tmpfs none /var/run/wireguard && ip link set lo up"
                                + " && sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 && echo ready"
                                + " && exec cat")
                .redirectErrorStream(true)
                .start();
        String line =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8)).readLine();
        if (!"ready".equals(line)) {
            holder.destroy();
            throw new IOException("cannot make a namespace (this test needs root and CAP_SYS_ADMIN): " + line);
        }
        return new Namespace(holder);
    }

    private static void requireTools(String... tools) {
        for (String tool : tools) {
            boolean found =
                    Stream.of(System.getenv("PATH").split(":")).anyMatch(dir -> Files.isExecutable(Path.of(dir, tool)));
            if (!found) {
                throw new IllegalStateException("this test needs `" + tool + "`, which is not installed");
            }
        }
        if (!Files.exists(Path.of("/dev/net/tun"))) {
            throw new IllegalStateException("this test needs /dev/net/tun: load the module tun");
        }
    }

    /** Joins two machines by a wire. */
    static void wire(Namespace a, String nameA, Namespace b, String nameB) throws CommandFailedException {
        a.run(
                "ip",
                "link",
                "add",
                nameA,
                "type",
                "veth",
                "peer",
                "name",
                nameB,
                "netns",
                Long.toString(b.holder.pid()));
        a.run("ip", "link", "set", nameA, "up");
        b.run("ip", "link", "set", nameB, "up");
    }

    List<String> inside(List<String> argv) {
        List<String> all = new ArrayList<>(List.of("nsenter", "-t", Long.toString(holder.pid()), "-n", "-m", "--"));
        all.addAll(argv);
        return all;
    }

    /** As {@link #start}, and nobody reads what it says: who is not read stands still when the pipe is full. */
    void serve(String... argv) throws IOException {
        start(ProcessBuilder.Redirect.DISCARD, argv);
    }

    /** Starts a process that ends with the test, whatever ends the test. Its output ends where it ends by itself. */
    Process start(String... argv) throws IOException {
        return start(ProcessBuilder.Redirect.PIPE, argv);
    }

    private Process start(ProcessBuilder.Redirect output, String... argv) throws IOException {
        List<String> guarded = new ArrayList<>(List.of(
                "sh", "-c", "\"$@\" <&- & p=$!; exec >&-; cat >/dev/null; kill -9 $p 2>&-; wait $p 2>&-", "guard"));
        guarded.addAll(Arrays.asList(argv));
        Process process = new ProcessBuilder(inside(guarded))
                .redirectOutput(output)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        started.add(process);
        return process;
    }

    static void stop(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    @Override
    public String run(List<String> argv, String stdin) throws CommandFailedException {
        try {
            Process process = new ProcessBuilder(inside(argv)).start();
            Thread feeder = Thread.ofPlatform().daemon().start(() -> {
                try (var out = process.getOutputStream()) {
                    out.write(stdin.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // it ended without reading: its status says why
                }
            });
            List<String> errors = new ArrayList<>();
            Thread drain = Thread.ofPlatform().daemon().start(() -> {
                try {
                    errors.add(new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            feeder.join();
            drain.join();
            if (status != 0) {
                throw new CommandFailedException(argv, status, String.join("", errors));
            }
            return out;
        } catch (IOException e) {
            throw new CommandFailedException(argv, 127, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException(argv, 128, "interrupted");
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (Process process : started) {
            stop(process);
        }
        stop(holder);
    }
}
