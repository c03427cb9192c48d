package io.tombolo.services;

import static io.tombolo.exchange.Loopback.service;
import static io.tombolo.services.LinkedGateway.NAMESPACE;
import static io.tombolo.services.LinkedGateway.SOON;
import static io.tombolo.services.LinkedGateway.addresses;
import static io.tombolo.services.LinkedGateway.reasonOf;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.service.LocalExport;
import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is exported here, and what its ServiceExport says. */
class LocalExportTest {
    private final LinkedGateway here = new LinkedGateway();

    @AfterEach
    void unlink() {
        here.close();
    }

    @Test
    void exportsALocalServiceAndSaysSo() {
        here.localService("web", LinkedGateway.port("admin", 9090), Map.of("10.42.0.7", true));
        await().atMost(SOON).until(() -> here.plane
                .local()
                .get(new NamespacedName(NAMESPACE, "web"))
                .flatMap(e -> e.service())
                .isPresent());
        await().atMost(SOON).until(() -> {
            ServiceExport found = here.client
                    .resources(ServiceExport.class)
                    .inNamespace(NAMESPACE)
                    .withName("web")
                    .get();
            return found.getStatus() != null
                    && Conditions.isTrue(found.getStatus().conditions(), "Valid")
                    && Conditions.isTrue(found.getStatus().conditions(), "Ready");
        });
        assertEquals(Set.of("node-a"), here.plane.local().byNode().keySet());
        await().atMost(SOON).until(() -> here.serviceImport("web").isPresent());
        // a peer that exports another port under the same name: both are told, and the oldest wins
        ExportedService theirs = service("web", 1);
        here.exporter.export(theirs);
        await().atMost(SOON).until(() -> {
            ServiceExport found = here.client
                    .resources(ServiceExport.class)
                    .inNamespace(NAMESPACE)
                    .withName("web")
                    .get();
            return "PortConflict,LabelsConflict".equals(reasonOf(found, "Conflict"))
                    || reasonOf(found, "Conflict").contains("PortConflict");
        });
        await().atMost(SOON).until(() -> addresses(here.slices(ObjectNames.MCS_SERVICE_LABEL))
                .equals(Set.of("10.42.0.7", "10.52.0.1")));
        here.exporter.withdraw(new NamespacedName(NAMESPACE, "web"));
        await().atMost(SOON).until(() -> addresses(here.slices(ObjectNames.MCS_SERVICE_LABEL))
                .equals(Set.of("10.42.0.7")));
        assertNotNull(here.serviceImport("web").orElseThrow());
    }

    @Test
    void movesWithItsEndpointsAndNotWithTheirReadiness() {
        ServicePort port = LinkedGateway.port("http", 8080);
        here.localService("web", port, Map.of("10.42.0.7", true));
        await().atMost(SOON).until(() -> readiness().equals(Map.of("10.42.0.7", true)));
        long standing = here.plane.local().moves();
        Service web =
                here.client.services().inNamespace(NAMESPACE).withName("web").get();

        here.localPods(web, port, Map.of("10.42.0.7", false));
        await().atMost(SOON).until(() -> readiness().equals(Map.of("10.42.0.7", false)));
        assertEquals(standing, here.plane.local().moves());

        here.localPods(web, port, Map.of("10.42.0.7", false, "10.42.0.8", false));
        await().atMost(SOON).until(() -> readiness().size() == 2);
        assertEquals(standing + 1, here.plane.local().moves());
    }

    private Map<String, Boolean> readiness() {
        return here.plane.local().get(new NamespacedName(NAMESPACE, "web")).flatMap(LocalExport::service).stream()
                .flatMap(service -> service.endpoints().stream())
                .flatMap(group -> group.endpoints().stream())
                .collect(Collectors.toMap(e -> Addresses.text(e.address()), ExportedService.Endpoint::ready));
    }

    @Test
    void saysWhyAServiceCannotBeExported() {
        here.exportOf("nothing");
        here.client
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName("outside")
                        .endMetadata()
                        .withNewSpec()
                        .withType("ExternalName")
                        .withExternalName("example.org")
                        .endSpec()
                        .build())
                .create();
        here.exportOf("outside");
        await().atMost(SOON)
                .until(() -> reasonOf(here.export("nothing"), "Valid").equals("NoService"));
        await().atMost(SOON)
                .until(() -> reasonOf(here.export("outside"), "Valid").equals("InvalidServiceType"));
        assertFalse(here.serviceImport("outside").isPresent());
    }
}
