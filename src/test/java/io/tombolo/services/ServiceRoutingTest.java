package io.tombolo.services;

import static io.tombolo.exchange.Loopback.service;
import static io.tombolo.services.LinkedGateway.NAMESPACE;
import static io.tombolo.services.LinkedGateway.SOON;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.net.NamespacedName;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From a GlobalService to the endpoints that kube-proxy gets. */
class ServiceRoutingTest {
    private static final ServicePort HTTP = LinkedGateway.port("http", 80);

    private final LinkedGateway here = new LinkedGateway();

    @AfterEach
    void unlink() {
        here.close();
    }

    @Test
    void followsTheStrategyAndTheLink() {
        here.localService("web", HTTP, pods(4, true));
        here.exporter.export(service("web", 4));
        awaitReceiving("east 4, west 4"); // a plain ServiceExport
        route("{strategy: LocalFirst}");
        awaitReceiving("west 4");
        route("{strategy: Weighted, weights: [{cluster: west, weight: 80}, {cluster: east, weight: 20}]}");
        awaitReceiving("east 1, west 4");
        route("{strategy: Ordered, order: [east, west], minReadyPercent: 50}");
        awaitReceiving("east 4");
        here.reach(false);
        awaitReceiving("west 4");
        here.reach(true);
        awaitReceiving("east 4");
    }

    @Test
    void staysHereWhileAnEndpointIsReadyHere() {
        here.localService("web", HTTP, pods(1, true));
        here.exporter.export(service("web", 2));
        route("{strategy: LocalFirst}");
        awaitReceiving("west 1");
        here.localPods(
                here.client.services().inNamespace(NAMESPACE).withName("web").get(), HTTP, pods(1, false));
        awaitReceiving("east 2");
        here.localPods(
                here.client.services().inNamespace(NAMESPACE).withName("web").get(), HTTP, pods(1, true));
        awaitReceiving("west 1");
    }

    @Test
    void importsFromAndExportsToWhomItNames() {
        here.localService("web", HTTP, pods(1, true));
        here.exporter.export(service("web", 2));
        awaitReceiving("east 2, west 1");
        NamespacedName web = new NamespacedName(NAMESPACE, "web");
        await().atMost(SOON).until(() -> here.exporter
                .peer(here.west.id())
                .flatMap(p -> p.service(web))
                .isPresent());
        globalService("{import: {fromClusters: [west]}, export: {toClusters: [north]}}");
        awaitReceiving("west 1");
        await().atMost(SOON).until(() -> here.exporter
                .peer(here.west.id())
                .flatMap(p -> p.service(web))
                .isEmpty());
        assertEquals(
                1, here.serviceImport("web").orElseThrow().getSpec().ports().size());
    }

    private void route(String routing) {
        globalService("{routing: " + routing + "}");
    }

    private void globalService(String spec) {
        String yaml = "apiVersion: tombolo.io/v1alpha1\nkind: GlobalService\nmetadata: {name: web, namespace: "
                + NAMESPACE + "}\nspec: " + spec + "\n";
        here.client
                .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
    }

    /** Ready endpoints behind the service's address, by cluster. */
    private void awaitReceiving(String wanted) {
        await().atMost(SOON).untilAsserted(() -> {
            Map<String, Long> ready = new TreeMap<>();
            for (EndpointSlice slice : here.slices("kubernetes.io/service-name")) {
                for (Endpoint endpoint : slice.getEndpoints()) {
                    if (endpoint.getConditions().getReady()) {
                        String address = endpoint.getAddresses().getFirst();
                        ready.merge(address.startsWith("10.42.") ? "west" : "east", 1L, Long::sum);
                    }
                }
            }
            assertEquals(
                    wanted,
                    ready.entrySet().stream()
                            .map(e -> e.getKey() + " " + e.getValue())
                            .collect(Collectors.joining(", ")));
        });
    }

    private static Map<String, Boolean> pods(int count, boolean ready) {
        return IntStream.range(0, count).boxed().collect(Collectors.toMap(i -> "10.42.0." + (7 + i), i -> ready));
    }
}
