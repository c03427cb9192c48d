package io.tombolo.api.v1alpha1;

import static io.tombolo.api.v1alpha1.Manifests.object;

import io.tombolo.api.v1alpha1.Manifests.Bad;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused of Services and their routing, and what is taken: by a real API server. */
class ServiceAdmissionTest {
    @ParameterizedTest
    @MethodSource
    void refuses(Bad bad) {
        bad.assertRefused();
    }

    static Stream<Bad> refuses() {
        return Stream.concat(services(), routing());
    }

    @ParameterizedTest
    @MethodSource
    void takes(String yaml) {
        Manifests.take(yaml);
    }

    static List<String> takes() {
        return List.of(
                object("GlobalService", "{name: web, namespace: default}"),
                object("GlobalService", "{name: web, namespace: default}")
                        + "spec: {export: {toClusters: [north]}, import: {fromClusters: [west]}, routing: {strategy: Balanced}}\n",
                routing("strategy: Ordered, order: [west, east, north], minReadyPercent: 50"),
                routing(
                        "strategy: Weighted, weights: [{cluster: west, weight: 80}, {cluster: east, weight: 20}, {cluster: north, weight: 0}]"));
    }

    /** Which ports a Service may have is Kubernetes' own rule, and in its words. */
    private static Stream<Bad> services() {
        return Stream.of(
                new Bad("49 port 0", service("{port: 0}"), "Invalid value: 0", "spec.ports[0].port", ""),
                new Bad("49 port 65536", service("{port: 65536}"), "Invalid value: 65536", "spec.ports[0].port", ""),
                new Bad(
                        "49 port twice",
                        service("{name: a, port: 80}, {name: b, port: 80}"),
                        "Duplicate value",
                        "spec.ports[1]",
                        ""),
                new Bad(
                        "49 name twice",
                        service("{name: a, port: 80}, {name: a, port: 81}"),
                        "Duplicate value",
                        "spec.ports[1].name",
                        ""),
                new Bad(
                        "49 name upper-case",
                        service("{name: HTTP, port: 80}"),
                        "Invalid value: \"HTTP\"",
                        "spec.ports[0].name",
                        ""),
                new Bad("50 tcp", service("{port: 80, protocol: tcp}"), "\"tcp\"", "spec.ports[0].protocol", ""),
                new Bad("50 ICMP", service("{port: 80, protocol: ICMP}"), "\"ICMP\"", "spec.ports[0].protocol", ""));
    }

    private static Stream<Bad> routing() {
        return Stream.concat(
                Stream.of("-1", "1001", "2147483647")
                        .map(weight -> new Bad(
                                "55 weight " + weight,
                                routing("strategy: Weighted, weights: [{cluster: west, weight: " + weight + "}]"),
                                "WeightInvalid: " + weight,
                                "spec.routing.weights[0].weight",
                                "")),
                Stream.of(
                        weights("55 sum 0", "{cluster: west, weight: 0}, {cluster: east, weight: 0}", "above 0"),
                        weights("55 none", "", "above 0"),
                        weights("55 twice", "{cluster: west, weight: 1}, {cluster: west, weight: 2}", "one weight"),
                        wrong("weights without Weighted", "weights: [{cluster: west, weight: 1}]", "Weighted"),
                        wrong("Weighted without weights", "strategy: Weighted", "Weighted"),
                        wrong("Ordered without order", "strategy: Ordered", "Ordered"),
                        wrong("order without Ordered", "order: [west]", "Ordered"),
                        wrong("order empty", "strategy: Ordered, order: []", "at least 1"),
                        wrong("order twice", "strategy: Ordered, order: [west, west]", "once"),
                        wrong("1/5 order", "strategy: Ordered, order: [West]", "InvalidName"),
                        wrong("58 order", "strategy: Ordered, order: [xn--wst-qdd]", "InvalidName"),
                        wrong("percent 0", "strategy: Ordered, order: [west], minReadyPercent: 0", "minReadyPercent"),
                        wrong(
                                "percent 101",
                                "strategy: Ordered, order: [west], minReadyPercent: 101",
                                "minReadyPercent"),
                        wrong("percent without Ordered", "minReadyPercent: 50", "minReadyPercent belongs"),
                        wrong("strategy", "strategy: Random", "Random")));
    }

    private static Bad weights(String row, String weights, String shown) {
        return new Bad(row, routing("strategy: Weighted, weights: [" + weights + "]"), "WeightInvalid", shown, "");
    }

    private static Bad wrong(String row, String routing, String shown) {
        return new Bad(row, routing(routing), "spec.routing", shown, "");
    }

    private static String routing(String routing) {
        return object("GlobalService", "{name: web, namespace: default}") + "spec: {routing: {" + routing + "}}\n";
    }

    private static String service(String ports) {
        return "apiVersion: v1\nkind: Service\nmetadata: {name: bad, namespace: default}\nspec: {selector: {app: x}, ports: ["
                + ports + "]}\n";
    }
}
