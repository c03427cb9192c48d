package io.tombolo.kube.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.net.NamespacedName;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExportableCheckTest {
    private static final NamespacedName WEB = new NamespacedName("shop", "web");

    @Test
    void takesAnOrdinaryServiceOfUpTo100Ports() {
        assertEquals(Optional.empty(), check("{selector: {app: web}, ports: [" + ports(100) + "]}"));
        assertEquals(Optional.empty(), check("{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}"));
    }

    @Test
    void saysThatThereIsNoService() {
        assertEquals(
                Optional.of(Finding.of(Problem.NO_LOCAL_SERVICE, "metadata.name", "there is no Service shop/web here")),
                ExportableCheck.check(WEB, Optional.empty()));
    }

    @Test
    void refusesExternalName() {
        assertRefused(
                "{type: ExternalName, externalName: example.com}",
                Problem.SERVICE_TYPE_UNSUPPORTED,
                "spec.type",
                "Service shop/web: spec.type ExternalName cannot be exported");
    }

    @Test
    void refusesHandMadeEndpoints() {
        String message = "Service shop/web: spec.selector is empty, so nobody vouches for its endpoints";
        assertRefused("{ports: [{port: 80}]}", Problem.SELECTOR_REQUIRED, "spec.selector", message);
        assertRefused("{ports: [{port: 80}], selector: {}}", Problem.SELECTOR_REQUIRED, "spec.selector", message);
    }

    @Test
    void refusesNoPortsAndMoreThan100() {
        assertRefused(
                "{clusterIP: None, selector: {app: web}}",
                Problem.PORTS_INVALID,
                "spec.ports",
                "Service shop/web: spec.ports has 0 entries, not 1-100");
        assertRefused(
                "{selector: {app: web}, ports: [" + ports(101) + "]}",
                Problem.PORTS_INVALID,
                "spec.ports",
                "Service shop/web: spec.ports has 101 entries, not 1-100");
    }

    private static String ports(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(port -> "{name: p" + port + ", port: " + port + "}")
                .collect(Collectors.joining(", "));
    }

    private static void assertRefused(String spec, Problem problem, String field, String message) {
        assertEquals(Optional.of(Finding.of(problem, field, message)), check(spec));
    }

    private static Optional<Finding> check(String spec) {
        return ExportableCheck.check(
                WEB,
                Optional.of(Serialization.unmarshal(
                        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: " + spec, Service.class)));
    }
}
