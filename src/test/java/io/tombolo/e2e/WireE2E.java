package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What crosses the WAN. On the project's own lab. */
@ExtendWith(LinkedClusters.Extension.class)
final class WireE2E {
    private final LinkedClusters clusters;
    private final Lab lab = Lab.require();

    WireE2E(LinkedClusters clusters) {
        this.clusters = clusters;
    }

    @Test
    void onlyWireGuardCrossesTheWan() throws Exception {
        Cluster from = clusters.first();
        Cluster to = clusters.second();
        String node = from.nodesGatewayFirst().getLast();
        String marker = "marker-" + UUID.randomUUID();
        String name = "who-" + to.context() + "." + NAMESPACE + ".svc.clusterset.local";
        String plain = to.client()
                .nodes()
                .withName(to.gatewayNode())
                .get()
                .getStatus()
                .getAddresses()
                .getFirst()
                .getAddress();

        String capture = captured("plain-" + marker, () -> {
            String probe = "probe-" + node;
            for (int i = 0; i < 20; i++) {
                from.exec(NAMESPACE, probe, "curl", "-sf", "-m", "3", "-A", marker, "http://" + name + "/cgi-bin/who");
                from.exec(NAMESPACE, probe, clusters.family().udp(name, 7));
            }
            // the same marker sent past the tunnel on purpose: a capture that cannot see it proves nothing
            from.exec(
                    NAMESPACE, probe, "sh", "-c", "echo plain-" + marker + " | socat -u - UDP4-SENDTO:" + plain + ":9");
        });

        assertTrue(capture.contains("plain-" + marker), "the capture sees what is sent in plain text");
        assertFalse(capture.replace("plain-" + marker, "").contains(marker), "the marker never crosses in plain text");
        long others = capture.lines()
                .filter(l -> l.contains(" IP ") || l.contains(" IP6 "))
                .filter(l -> !l.matches(".*\\.(5182[0-8]) > .*\\.(5182[0-8]): UDP.*"))
                .filter(l -> !l.contains(plain + ".9: UDP") && !l.contains("udp port 9 unreachable"))
                .peek(l -> System.out.println("not WireGuard: " + l))
                .count();
        assertEquals(0, others, "packets on the WAN that are not WireGuard's");
    }

    /** What tcpdump saw on the WAN until {@code last}, which {@code action} sends: headers and payload as text. */
    private String captured(String last, Runnable action) throws IOException, InterruptedException {
        Process tcpdump = lab.start("wan", "tcpdump", "-l", "-n", "-A", "-i", "any", wanFilter());
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(tcpdump.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder seen = new StringBuilder();
            String line;
            while ((line = reader.readLine()) != null && !line.contains("listening on")) {
                seen.append(line).append('\n');
            }
            assertTrue(line != null, () -> "tcpdump did not start: " + seen);
            StringBuffer text = new StringBuffer();
            CompletableFuture<Void> read = CompletableFuture.runAsync(
                    () -> reader.lines().forEach(l -> text.append(l).append('\n')));
            action.run();
            LinkedClusters.await("the capture to have seen the last packet", () -> text.indexOf(last) >= 0);
            tcpdump.toHandle().destroy(); // unlike the process' own destroy, this leaves its output to be read
            assertTrue(tcpdump.waitFor(10, TimeUnit.SECONDS), "tcpdump ends");
            read.join();
            return text.toString();
        }
    }

    /** Packets from a node of one cluster to a node of the other. */
    private String wanFilter() {
        return "(" + hosts(clusters.first(), "src") + " and " + hosts(clusters.second(), "dst") + ") or ("
                + hosts(clusters.second(), "src") + " and " + hosts(clusters.first(), "dst") + ")";
    }

    private static String hosts(Cluster cluster, String direction) {
        return cluster.client().nodes().list().getItems().stream()
                .map(n -> direction + " host "
                        + n.getStatus().getAddresses().getFirst().getAddress())
                .reduce((a, b) -> a + " or " + b)
                .map(s -> "(" + s + ")")
                .orElseThrow();
    }
}
