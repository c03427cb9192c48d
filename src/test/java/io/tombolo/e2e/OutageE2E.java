package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.e2e.LinkedClusters.Ask;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The API server and the operator are not in the way of traffic and names. On the project's own lab. */
@ExtendWith(LinkedClusters.Extension.class)
@Order(Integer.MAX_VALUE - 30)
final class OutageE2E {
    private static final int SECONDS = 60;

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
        String node = dark.nodesGatewayFirst().getLast();
        String name = "who-" + other.context() + "." + NAMESPACE + ".svc.clusterset.local";
        String dns = dark.client()
                .services()
                .inNamespace("kube-system")
                .withName("kube-dns")
                .get()
                .getSpec()
                .getClusterIP();
        Flow.install(other, source);
        Flow.install(dark, target);

        CompletableFuture<Flow.Report> flow = Flow.start(other, source, targetIp, SECONDS);
        lab.powerOff(dark.context() + "-cp");
        // a change the dark cluster cannot hear of in its API: one more name in the other
        other.apply("late.yaml", java.util.Map.of());
        String answers = lab.exec(
                node,
                "sh",
                "-c",
                ("n=0; for i in $(seq 50); do nslookup " + name + " " + dns
                        + " >/dev/null 2>&1 && n=$((n+1)); done; echo $n"));
        Flow.Report report = flow.join();
        lab.powerOn(dark.context() + "-cp");

        System.out.println("API server of " + dark + " off for " + SECONDS + " s under a 1 kHz flow: " + report
                + ", names " + answers + " of 50");
        assertEquals(0, report.lost());
        assertEquals("50", answers);
        LinkedClusters.awaitAnswer(
                "the name made meanwhile",
                () -> dark.exec(
                        NAMESPACE, "probe-" + node, Ask.tcp("late." + NAMESPACE + ".svc.clusterset.local", 80)));
        other.client().services().inNamespace(NAMESPACE).withName("late").delete();
    }
}
