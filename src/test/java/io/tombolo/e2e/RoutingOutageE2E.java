package io.tombolo.e2e;

import static io.tombolo.e2e.RoutedClusters.HTTP;
import static io.tombolo.e2e.RoutedClusters.ports;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The endpoints of a cluster that falls silent leave names and kube-proxy at once. On the project's own lab. */
@ExtendWith(RoutedClusters.Extension.class)
@Order(Integer.MAX_VALUE)
final class RoutingOutageE2E {
    /** There in west and north only: no other cluster imports what is made here. */
    private static final String SPACE = "routing-many";

    private static final int SERVICES = 100;
    /** Prints how many of them kube-proxy has no endpoint for. */
    private static final String WITHOUT_ENDPOINTS =
            "nft list map ip kube-proxy no-endpoint-services | grep -oF '\"" + SPACE + "/' | wc -l";

    private static final String ASK_ALL = "xargs dig +short +time=1 +retry=0 </tmp/names";
    private static final double LIMIT_SECONDS = 1;

    private final RoutedClusters clusters;
    private final Cluster north;
    private final Lab lab = Lab.require();
    private final Collection<Double> withdrawn = new ConcurrentLinkedQueue<>();

    RoutingOutageE2E(RoutedClusters clusters) {
        this.clusters = clusters;
        this.north = clusters.north();
    }

    @Test
    void endpointsOfADeadClusterLeaveWithinASecond() throws IOException {
        manyInNorth();
        String west = clusters.west().gatewayNode();
        // what waits asks for little: the machine that is measured is also the one that asks
        Process proxied = lab.start(west, "timeout", "30", "sh", "-c", """
                echo watching
                while [ $(%s) -lt %d ]; do sleep 0.1; done
                cut -d ' ' -f 1 /proc/uptime""".formatted(WITHOUT_ENDPOINTS, SERVICES));
        try (SharedIndexInformer<EndpointSlice> ignored = withdrawals();
                ExecWatch named = clusters.start("timeout", "30", "sh", "-c", """
                        echo watching
                        while dig +short +time=1 +retry=0 $(tail -n 1 /tmp/names) | grep -q .; do sleep 0.1; done
                        cut -d ' ' -f 1 /proc/uptime""")) {
            BufferedReader fromProxy = proxied.inputReader();
            BufferedReader fromDns =
                    new BufferedReader(new InputStreamReader(named.getOutput(), StandardCharsets.UTF_8));
            assertEquals("watching", fromProxy.readLine());
            assertEquals("watching", fromDns.readLine());
            double cut = clusters.cutNorth();
            double proxyTook = took(cut, fromProxy);
            double dnsTook = took(cut, fromDns);
            System.out.printf(
                    "routing, %d services: endpoints out of slices %.2f-%.2f s after the cut, out of kube-proxy %.2f s,"
                            + " out of DNS %.2f s%n",
                    SERVICES, Collections.min(withdrawn) - cut, Collections.max(withdrawn) - cut, proxyTook, dnsTook);
            // one zone follows another whole, so what goes for one name goes for all
            assertEquals("", clusters.ask("sh", "-c", ASK_ALL));
            assertTrue(proxyTook <= LIMIT_SECONDS, () -> "kube-proxy: " + proxyTook + " s");
            assertTrue(dnsTook <= LIMIT_SECONDS, () -> "DNS: " + dnsTook + " s");
        } finally {
            clusters.heal();
        }
    }

    private static double took(double cut, BufferedReader said) throws IOException {
        String at = said.readLine();
        assertNotNull(at, "endpoints stay");
        return Double.parseDouble(at) - cut;
    }

    /** Notes when each slice that receives traffic loses its endpoints. */
    private SharedIndexInformer<EndpointSlice> withdrawals() {
        return clusters.west()
                .client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(SPACE)
                .withLabel("tombolo.io/source-cluster", north.context())
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(EndpointSlice slice) {
                        // stands from before
                    }

                    @Override
                    public void onUpdate(EndpointSlice old, EndpointSlice slice) {
                        withdrawn.add(Lab.uptime());
                    }

                    @Override
                    public void onDelete(EndpointSlice slice, boolean unknown) {
                        withdrawn.add(Lab.uptime());
                    }
                });
    }

    /** As many services behind an address, and as many headless ones, each with one endpoint, in north alone. */
    private void manyInNorth() {
        List<Cluster> both = List.of(clusters.west(), north);
        both.forEach(cluster -> RoutedClusters.namespace(cluster, SPACE));
        RoutedClusters.server(north, SPACE, "north-many");
        RoutedClusters.gate(north, SPACE, "north-many", true);
        for (String name : names("many-")) {
            RoutedClusters.service(north, SPACE, name, ports(HTTP));
            RoutedClusters.export(north, SPACE, name);
        }
        for (String name : names("bare-")) {
            RoutedClusters.service(north, SPACE, name, "clusterIP: None, " + ports(HTTP));
            RoutedClusters.export(north, SPACE, name);
        }
        String hosts = names("bare-").stream()
                .map(name -> name + "." + SPACE + ".svc.clusterset.local")
                .collect(Collectors.joining("\n"));
        clusters.ask("sh", "-c", "echo '" + hosts + "' >/tmp/names");
        LinkedClusters.await(
                "all headless names", () -> clusters.ask("sh", "-c", ASK_ALL + " | grep -c '^10\\.' || true")
                        .equals(Integer.toString(SERVICES)));
        LinkedClusters.await("all endpoints in kube-proxy", () -> lab.exec(
                        clusters.west().gatewayNode(),
                        "sh",
                        "-c",
                        "nft list map ip kube-proxy service-ips | grep -oF -e '-" + SPACE + "/' | wc -l; "
                                + WITHOUT_ENDPOINTS)
                .equals(SERVICES + "\n0"));
    }

    private static List<String> names(String prefix) {
        return IntStream.range(0, SERVICES).mapToObj(i -> prefix + i).toList();
    }
}
