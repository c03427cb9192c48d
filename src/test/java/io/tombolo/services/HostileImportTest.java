package io.tombolo.services;

import static io.tombolo.exchange.Loopback.service;
import static io.tombolo.services.LinkedGateway.NAMESPACE;
import static io.tombolo.services.LinkedGateway.SOON;
import static io.tombolo.services.LinkedGateway.addresses;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.NamespacedName;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a peer that means harm, and a user who meddles, can make of the objects that stand here (T5; rows 52, 53, 67, 69, 70). */
class HostileImportTest {
    private static final Map<String, String> STEERING = Map.of(
            "kubernetes.io/service-name", "kubernetes",
            "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io",
            "tier", "front");

    private final LinkedGateway here = new LinkedGateway();

    @AfterEach
    void unlink() {
        here.close();
    }

    @Test
    void t5NothingButItsOwnNameIsTakenAndNothingElseIsTouched() {
        here.localService("web", LinkedGateway.port("http", 80), Map.of("10.42.0.7", true));
        String apiServer = standing("default", "kubernetes");
        String web = standing(NAMESPACE, "web");

        here.exporter.export(service(new NamespacedName("default", "kubernetes"), STEERING));
        here.exporter.export(service(new NamespacedName("kube-system", "kube-dns"), STEERING));
        here.exporter.export(service(new NamespacedName("nowhere", "web"), STEERING));
        here.exporter.export(service(new NamespacedName(NAMESPACE, "web"), STEERING));
        here.exporter.export(service(new NamespacedName(NAMESPACE, "other"), STEERING));

        await().atMost(SOON).until(() -> here.slices("").size() == 6); // of each both kinds, and ours of web
        await().atMost(SOON)
                .until(() -> Set.of(Problem.NAMESPACE_FORBIDDEN, Problem.NAMESPACE_NOT_ACCEPTED, Problem.LABEL_RESERVED)
                        .equals(here.plane.findings(here.east.id()).stream()
                                .map(Finding::problem)
                                .collect(Collectors.toSet())));
        assertEquals(
                Set.of("other", "web"),
                here.imports().stream().map(i -> i.getMetadata().getName()).collect(Collectors.toSet()));
        for (String namespace : List.of("default", "kube-system", "nowhere")) {
            assertEquals(
                    List.of(),
                    here.client
                            .resources(ServiceImport.class)
                            .inNamespace(namespace)
                            .list()
                            .getItems());
        }
        assertEquals(apiServer, standing("default", "kubernetes"));
        assertEquals(web, standing(NAMESPACE, "web"));
        ServiceImport other = here.serviceImport("other").orElseThrow();
        assertEquals(
                Map.of("tier", "front", ObjectNames.SERVICE_LABEL, "other"),
                other.getMetadata().getLabels());
        here.slices("").forEach(HostileImportTest::assertMadeFromScratch);
    }

    private static void assertMadeFromScratch(EndpointSlice slice) {
        Map<String, String> labels = slice.getMetadata().getLabels();
        assertTrue(
                Set.of(
                                ObjectNames.MANAGED_BY_LABEL,
                                ObjectNames.SERVICE_LABEL,
                                ObjectNames.MCS_SERVICE_LABEL,
                                ObjectNames.MCS_CLUSTER_LABEL,
                                ObjectNames.SOURCE_LABEL,
                                "kubernetes.io/service-name")
                        .containsAll(labels.keySet()),
                labels::toString);
        assertTrue(
                labels.getOrDefault("kubernetes.io/service-name", "tombolo-").startsWith("tombolo-"), labels::toString);
        assertEquals(
                List.of("ServiceImport"),
                slice.getMetadata().getOwnerReferences().stream()
                        .map(o -> o.getKind())
                        .toList());
        assertTrue(slice.getMetadata().getFinalizers().isEmpty());
        slice.getEndpoints().forEach(endpoint -> {
            assertEquals(null, endpoint.getNodeName());
            assertEquals(null, endpoint.getZone());
            assertEquals(null, endpoint.getTargetRef());
        });
    }

    @Test
    void row70WhatAUserEditsOrDeletesOfOursStandsAgain() {
        here.exporter.export(service("web", 2));
        await().atMost(SOON)
                .until(() -> here.slices("kubernetes.io/service-name").size() == 1);
        EndpointSlice ours = here.slices("kubernetes.io/service-name").getFirst();

        ours.getEndpoints().getFirst().setAddresses(List.of("10.42.0.66"));
        here.client.resource(ours).update();
        await().atMost(SOON).until(() -> addresses(here.slices("kubernetes.io/service-name"))
                .equals(Set.of("10.52.0.1", "10.52.0.2")));
        here.client.resource(ours).delete();
        await().atMost(SOON).until(() -> addresses(here.slices("kubernetes.io/service-name"))
                .equals(Set.of("10.52.0.1", "10.52.0.2")));
    }

    /** The Service and every slice of it that is not ours, to the byte. */
    private String standing(String namespace, String name) {
        Service service =
                here.client.services().inNamespace(namespace).withName(name).get();
        List<EndpointSlice> slices = here.client
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(namespace)
                .withLabel("kubernetes.io/service-name", name)
                .list()
                .getItems();
        return Serialization.asYaml(service) + Serialization.asYaml(slices);
    }
}
