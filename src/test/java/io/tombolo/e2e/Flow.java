package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sequence-numbered UDP flow of 1,000 datagrams a second from a pod to a pod of the other cluster and back
 * ({@code e2e/flow}, built by {@code e2e/test} for the pods' architecture).
 */
final class Flow {
    /** Where the probes echo it, exported as port 8 of {@code who-<cluster>}. */
    static final int PORT = 7008;

    /** Where the probes answer "<name> saw <address>", exported as port 7. */
    static final int WHO_PORT = 7007;

    private static final Path PROGRAM = Path.of("target/flow");
    private static final Pattern REPORT =
            Pattern.compile("sent (\\d+) received (\\d+) lost (\\d+) longest_gap_ms (\\d+) starved (\\d+)");

    private Flow() {}

    /**
     * @param lost between the two pods
     * @param starved besides, dropped by the sockets of sender and echo, which the machine did not let read in time
     * @param longestGapMillis longest time in which no answer came
     */
    record Report(long sent, long lost, long starved, long longestGapMillis) {}

    /** Puts the program into a pod of the workload and lets it answer there. */
    static void install(Cluster cluster, String pod) {
        if (!Files.isExecutable(PROGRAM)) {
            throw new AssertionError(
                    PROGRAM + " is not built: cc -O2 -static -o target/flow e2e/flow/flow.c -lpthread");
        }
        try {
            // a pod keeps it for the next test; an exec that ends before its input does is an error
            if (cluster.exec(NAMESPACE, pod, "sh", "-c", "[ ! -x /tmp/flow ] || echo there")
                    .isEmpty()) {
                byte[] program = Files.readAllBytes(PROGRAM);
                // head, not cat: an exec stream carries no end of file
                String receive =
                        "head -c %d >/tmp/flow.part && mv /tmp/flow.part /tmp/flow && chmod +x /tmp/flow && { setsid /tmp/flow echo %d >/dev/null 2>&1 & setsid /tmp/flow who %d >/dev/null 2>&1 & }";
                cluster.execWithInput(
                        NAMESPACE, pod, program, "sh", "-c", receive.formatted(program.length, PORT, WHO_PORT));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the flow; its report comes when it has ended. */
    static CompletableFuture<Report> start(Cluster from, String pod, String address, int seconds) {
        return CompletableFuture.supplyAsync(() -> {
            String out = from.exec(
                    NAMESPACE, pod, seconds + 10L, "/tmp/flow", "send", address, "" + PORT, "1000", "" + seconds);
            Matcher report = REPORT.matcher(out);
            if (!report.find()) {
                throw new AssertionError("no report: " + out);
            }
            long starved = Long.parseLong(report.group(5));
            long lost = Long.parseLong(report.group(3)) - starved;
            if (lost > 0) {
                System.out.println(out.strip());
            }
            return new Report(Long.parseLong(report.group(1)), lost, starved, Long.parseLong(report.group(4)));
        });
    }
}
