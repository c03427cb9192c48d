package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.kube.Slices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;
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
    private static final int DEATHS = 3;
    private static final double LIMIT_SECONDS = 1;
    private static final Path PROGRAM = Path.of("target/connections");
    private static final String WATCHING =
            "test -f /tmp/named && grep -q connected /tmp/connections-80 && grep -q connected /tmp/connections-8080";

    private final Cluster here;
    private final Cluster dead;
    private final Lab lab = Lab.require();

    DeadClusterE2E(LinkedClusters clusters) {
        this.here = clusters.first();
        this.dead = clusters.second();
    }

    /** Seconds after the cut. */
    private record Death(double slices, double names, double connections, double errors) {
        @Override
        public String toString() {
            return "endpoints out of slices %.2f s, names %.2f s, new connections refused %.2f s, packets to its pods answered with an error %.2f s"
                    .formatted(slices, names, connections, errors);
        }
    }

    @Test
    void namesSlicesAndNewConnectionsFollowWithinASecond() {
        String pod = "probe-" + here.nodesGatewayFirst().getLast();
        putProgram(pod);
        List<Death> deaths = new ArrayList<>();
        for (int i = 0; i < DEATHS; i++) {
            deaths.add(death(pod));
            System.out.println("a cluster falls silent: " + deaths.getLast());
        }
        assertWithin(deaths, Death::slices);
        assertWithin(deaths, Death::names);
        assertWithin(deaths, Death::connections);
        assertWithin(deaths, Death::errors);
    }

    /** Most of them within the limit, and the worst within twice that and 0.1 s. */
    private static void assertWithin(List<Death> deaths, ToDoubleFunction<Death> seconds) {
        double[] sorted = deaths.stream().mapToDouble(seconds).sorted().toArray();
        assertTrue(sorted[DEATHS / 2] <= LIMIT_SECONDS, deaths::toString);
        assertTrue(sorted[DEATHS - 1] <= 2 * LIMIT_SECONDS + 0.1, deaths::toString);
    }

    private Death death(String pod) {
        String headless = "set-" + dead.context() + "." + NAMESPACE + ".svc.clusterset.local";
        String service = "who-" + dead.context() + "." + NAMESPACE + ".svc.clusterset.local";
        String far = dead.podIp(NAMESPACE, "probe-" + dead.nodesGatewayFirst().getLast());
        here.exec(NAMESPACE, pod, "rm", "-f", "/tmp/named", "/tmp/connections-80", "/tmp/connections-8080");
        CompletableFuture<Double> named =
                seconds(pod, "named", "dig +short +time=1 +retry=0 " + headless + " | grep -q .");
        CompletableFuture<Double> refused = refused(pod, here.exec(NAMESPACE, pod, "dig", "+short", service), 80);
        // by a pod's own address kube-proxy knows nothing of it: what the gateway says is all there is
        CompletableFuture<Double> told = refused(pod, far, 8080);
        LinkedClusters.await(
                "all are asked for", () -> here.exec(NAMESPACE, pod, "sh", "-c", WATCHING + " && echo yes || true")
                        .equals("yes"));
        try {
            double cut = cut();
            LinkedClusters.await("no endpoint of the dead cluster receives", () -> receiving()
                    .isEmpty());
            double sliced = Lab.uptime();
            return new Death(sliced - cut, named.join() - cut, refused.join() - cut, told.join() - cut);
        } finally {
            lab.exec("wan", "nft", "delete", "table", "inet", "e2e_cut");
            LinkedClusters.awaitAnswer(
                    "the service again",
                    () -> here.exec(NAMESPACE, pod, Family.of(far).tcp(service, 80)));
            LinkedClusters.awaitAnswer(
                    "the pod again",
                    () -> here.exec(NAMESPACE, pod, Family.of(far).tcp(far, 8080)));
            LinkedClusters.awaitAnswer("the name again", () -> here.exec(NAMESPACE, pod, "dig", "+short", headless));
        }
    }

    /** When a new connection fails: refused, or unreachable. */
    private CompletableFuture<Double> refused(String pod, String address, int port) {
        return CompletableFuture.supplyAsync(
                () -> Double.parseDouble(here.exec(NAMESPACE, pod, 60, "sh", "-c", """
                /tmp/connections refused %1$s %2$d 30 >/tmp/connections-%2$d && tail -n 1 /tmp/connections-%2$d | cut -d ' ' -f 1""".formatted(address, port))),
                Thread::startVirtualThread);
    }

    private void putProgram(String pod) {
        try {
            byte[] program = Files.readAllBytes(PROGRAM);
            // head, not cat: an exec stream carries no end of file
            here.execWithInput(
                    NAMESPACE,
                    pod,
                    program,
                    "sh",
                    "-c",
                    "head -c %d >/tmp/connections && chmod +x /tmp/connections".formatted(program.length));
        } catch (IOException e) {
            throw new AssertionError(
                    PROGRAM + " is not built: cc -O2 -static -o target/connections e2e/flow/connections.c -lpthread",
                    e);
        }
    }

    /** When, by the clock of all machines, the condition ends. */
    private CompletableFuture<Double> seconds(String pod, String what, String condition) {
        return CompletableFuture.supplyAsync(
                () -> Double.parseDouble(here.exec(NAMESPACE, pod, 60, "sh", "-c", """
                while %s; do touch /tmp/%s; sleep 0.1; done; cut -d ' ' -f 1 /proc/uptime""".formatted(condition, what))),
                Thread::startVirtualThread);
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
