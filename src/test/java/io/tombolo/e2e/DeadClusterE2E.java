package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.kube.Slices;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A cluster of which nothing is heard any more leaves names, slices and kube-proxy of the other at once: row F9 of the faults.
 * On the project's own lab.
 */
@ExtendWith(LinkedClusters.Extension.class)
@Order(Integer.MAX_VALUE - 25)
final class DeadClusterE2E {
    private static final double LIMIT_SECONDS = 1;
    private static final String WATCHING = "test -f /tmp/named && test -f /tmp/connected";

    private final Cluster here;
    private final Cluster dead;
    private final Lab lab = Lab.require();

    DeadClusterE2E(LinkedClusters clusters) {
        this.here = clusters.first();
        this.dead = clusters.second();
    }

    @Test
    void namesSlicesAndNewConnectionsFollowWithinASecond() {
        String pod = "probe-" + here.nodesGatewayFirst().getLast();
        String headless = "set-" + dead.context() + "." + NAMESPACE + ".svc.clusterset.local";
        String service = "who-" + dead.context() + "." + NAMESPACE + ".svc.clusterset.local";
        here.exec(NAMESPACE, pod, "rm", "-f", "/tmp/named", "/tmp/connected");
        CompletableFuture<Double> named =
                seconds(pod, "named", "dig +short +time=1 +retry=0 " + headless + " | grep -q .");
        // refused, or no name (curl: 7, 6); a connection begun before kube-proxy knew is silence
        CompletableFuture<Double> refused = seconds(
                pod,
                "connected",
                "{ curl -s -o /dev/null -m 0.25 http://" + service
                        + "/cgi-bin/who; r=$?; [ $r != 6 ] && [ $r != 7 ]; }");
        LinkedClusters.await(
                "both are asked for", () -> here.exec(NAMESPACE, pod, "sh", "-c", WATCHING + " && echo yes")
                        .equals("yes"));
        try {
            double cut = cut();
            LinkedClusters.await("no endpoint of the dead cluster receives", () -> receiving()
                    .isEmpty());
            double sliced = Lab.uptime() - cut;
            double names = named.join() - cut;
            double connections = refused.join() - cut;
            System.out.printf(
                    "a cluster falls silent: endpoints out of slices %.2f s, names %.2f s, new connections refused %.2f s"
                            + " after the cut%n",
                    sliced, names, connections);
            assertTrue(sliced <= LIMIT_SECONDS, () -> "slices: " + sliced + " s");
            assertTrue(names <= LIMIT_SECONDS, () -> "names: " + names + " s");
            assertTrue(connections <= LIMIT_SECONDS, () -> "connections: " + connections + " s");
        } finally {
            lab.exec("wan", "nft", "delete", "table", "inet", "e2e_cut");
        }
        LinkedClusters.awaitAnswer(
                "the name again", () -> here.exec(NAMESPACE, pod, LinkedClusters.Ask.tcp(service, 80)));
    }

    /** When, by the clock of all machines, the condition ends. */
    private CompletableFuture<Double> seconds(String pod, String what, String condition) {
        return CompletableFuture.supplyAsync(
                () -> Double.parseDouble(here.exec(NAMESPACE, pod, 60, "sh", "-c", """
                while %s; do touch /tmp/%s; sleep 0.05; done; cut -d ' ' -f 1 /proc/uptime""".formatted(condition, what))));
    }

    private List<EndpointSlice> receiving() {
        return here
                .client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withLabel("tombolo.io/source-cluster", dead.context())
                .list()
                .getItems()
                .stream()
                .filter(s -> !Slices.endpoints(s).isEmpty())
                .toList();
    }

    private double cut() {
        String drops = dead.client().nodes().list().getItems().stream()
                .flatMap(n -> n.getStatus().getAddresses().stream())
                .filter(a -> a.getType().equals("InternalIP"))
                .map(a -> "ip saddr %1$s drop; ip daddr %1$s drop;".formatted(a.getAddress()))
                .collect(Collectors.joining(" "));
        return Double.parseDouble(lab.exec("wan", "sh", "-c", """
                nft 'table inet e2e_cut { chain forward { type filter hook forward priority -300; %s }; }'
                cut -d ' ' -f 1 /proc/uptime""".formatted(drops)));
    }
}
