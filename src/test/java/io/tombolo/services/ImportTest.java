package io.tombolo.services;

import static io.tombolo.exchange.Loopback.pod;
import static io.tombolo.exchange.Loopback.service;
import static io.tombolo.services.LinkedGateway.NAMESPACE;
import static io.tombolo.services.LinkedGateway.SOON;
import static io.tombolo.services.LinkedGateway.addresses;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.Names;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What peers export, as it stands here. */
class ImportTest {
    private final LinkedGateway here = new LinkedGateway();

    @AfterEach
    void unlink() {
        here.close();
    }

    @Test
    void importsWhatAPeerExports() {
        here.exporter.export(service("web", 2));
        await().atMost(SOON).until(() -> here.serviceImport("web")
                .map(i -> i.getSpec().ips())
                .filter(ips -> ips != null && !ips.isEmpty())
                .isPresent());
        ServiceImport found = here.serviceImport("web").orElseThrow();
        Service derived = here.client
                .services()
                .inNamespace(NAMESPACE)
                .withName(Names.derivedService(new NamespacedName(NAMESPACE, "web")))
                .get();
        assertEquals("ClusterSetIP", found.getSpec().type());
        assertEquals(derived.getSpec().getClusterIPs(), found.getSpec().ips());
        assertEquals(
                Map.of("tier", "front", "tombolo.io/service", "web"),
                found.getMetadata().getLabels());
        // a name that leads somewhere leads to endpoints
        assertEquals(1, here.slices(ObjectNames.MCS_SERVICE_LABEL).size());
        assertEquals(1, here.slices("kubernetes.io/service-name").size());
        assertEquals(Set.of("10.52.0.1", "10.52.0.2"), addresses(here.slices("kubernetes.io/service-name")));
        assertEquals(
                derived.getMetadata().getName(),
                here.slices("kubernetes.io/service-name")
                        .getFirst()
                        .getMetadata()
                        .getLabels()
                        .get("kubernetes.io/service-name"));
        await().atMost(SOON).until(() -> here.serviceImport("web").orElseThrow().getStatus() != null);
        assertEquals(
                List.of(new ServiceImport.Cluster("east")),
                here.serviceImport("web").orElseThrow().getStatus().clusters());
    }

    @Test
    void followsAnEndpointWithinAFractionOfASecond() {
        here.exporter.export(service("web", 3));
        await().atMost(SOON)
                .until(() -> here.slices(ObjectNames.MCS_SERVICE_LABEL).size() == 1);
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean ready = i % 2 == 1;
            ExportedService next = service("web", List.of(), List.of(pod(0, true), pod(1, ready), pod(2, true)));
            long begin = System.nanoTime();
            here.exporter.export(next);
            await().atMost(SOON)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> here.slices(ObjectNames.MCS_SERVICE_LABEL).getFirst().getEndpoints().stream()
                                    .filter(e -> e.getConditions().getReady())
                                    .count()
                            == (ready ? 3 : 2));
            millis.add((System.nanoTime() - begin) / 1_000_000);
        }
        Collections.sort(millis);
        assertTrue(millis.get(10) < 500, "median of " + millis);
    }

    @Test
    void removesEverythingWhenTheLastExporterGoes() {
        here.exporter.export(service("web", 2));
        await().atMost(SOON)
                .until(() -> here.slices("kubernetes.io/service-name").size() == 1);
        here.exporter.withdraw(new NamespacedName(NAMESPACE, "web"));
        await().atMost(SOON)
                .until(() -> here.imports().isEmpty() && here.slices("").isEmpty());
        assertTrue(here.client
                .services()
                .inNamespace(NAMESPACE)
                .withLabel(ObjectNames.DERIVED_LABEL)
                .list()
                .getItems()
                .isEmpty());
    }

    @Test
    void leavesAnImportOfSomebodyElseAlone() {
        ServiceImport foreign = new ServiceImport();
        foreign.getMetadata().setNamespace(NAMESPACE);
        foreign.getMetadata().setName("web");
        foreign.getMetadata().setAnnotations(Map.of(ObjectNames.WRITER_EPOCH_ANNOTATION, "1"));
        foreign.setSpec(new ServiceImport.Spec(
                List.of(new ServiceImport.Port("x", "TCP", 1, null)), null, "Headless", null, null, null, null, null));
        here.gateway.resource(foreign).create(); // the policies let nobody else
        here.exporter.export(service("web", 2));
        here.exporter.export(service("other", 1));
        await().atMost(SOON).until(() -> here.serviceImport("other").isPresent());
        ServiceImport found = here.serviceImport("web").orElseThrow();
        assertEquals("Headless", found.getSpec().type());
        assertTrue(found.getMetadata().getOwnerReferences().isEmpty());
        here.gateway.resource(foreign).delete();
    }

    @Test
    void acceptsOnlyEndpointsInsideThePeersPrefixes() {
        ExportedService honest = service("web", 1);
        ExportedService.EndpointGroup group = honest.endpoints().getFirst();
        List<ExportedService.Endpoint> mixed = new ArrayList<>(group.endpoints());
        for (String foreign : List.of("10.42.0.9", "10.96.0.1", "192.168.1.1", "10.52.0.0", "10.52.255.255")) {
            mixed.add(new ExportedService.Endpoint(
                    java.net.InetAddress.ofLiteral(foreign), Optional.empty(), true, true, false));
        }
        here.exporter.export(service("web", List.of(), mixed));
        await().atMost(SOON)
                .until(() -> here.slices("kubernetes.io/service-name").size() == 1);
        assertEquals(Set.of("10.52.0.1"), addresses(here.slices("")));
    }

    @Test
    void importsIntoANamespaceThatIsCreatedLater() {
        ExportedService web = service("web", 1);
        ExportedService elsewhere = new ExportedService(
                new NamespacedName("later", "web"),
                web.created(),
                web.headless(),
                web.ports(),
                web.ipFamilies(),
                web.sessionAffinity(),
                web.sessionAffinityTimeout(),
                web.internalTrafficPolicy(),
                web.trafficDistribution(),
                web.labels(),
                web.annotations(),
                web.toClusters(),
                web.endpoints());
        here.exporter.export(elsewhere);
        here.exporter.export(web);
        await().atMost(SOON).until(() -> here.serviceImport("web").isPresent());
        assertTrue(here.client
                .resources(ServiceImport.class)
                .inNamespace("later")
                .list()
                .getItems()
                .isEmpty());
        here.createNamespace("later");
        await().atMost(SOON).until(() -> !here.client
                .resources(ServiceImport.class)
                .inNamespace("later")
                .list()
                .getItems()
                .isEmpty());
    }

    @Test
    void keepsImportsWhileAnotherGatewayTakesOver() {
        here.exporter.export(service("web", 2));
        await().atMost(SOON)
                .until(() -> here.slices("kubernetes.io/service-name").size() == 1);
        String uid = here.serviceImport("web").orElseThrow().getMetadata().getUid();
        here.plane.close();
        here.plane = here.newPlane();
        here.plane.update(here.west.linkedTo(here.east), Map.of(here.east.id(), Set.of(0)));
        here.exporter.export(service("web", 1));
        await().atMost(Duration.ofSeconds(60)).until(() -> addresses(here.slices("kubernetes.io/service-name"))
                .equals(Set.of("10.52.0.1")));
        assertEquals(uid, here.serviceImport("web").orElseThrow().getMetadata().getUid());
    }

    @Test
    void keepsWhatStandsOfAPeerUntilItIsHeardAgain() {
        here.exporter.export(service("web", 2));
        here.exporter.export(service("gone", 1));
        await().atMost(SOON).until(() -> here.slices("").size() == 4);
        here.plane.close();
        here.exporter.close();
        here.plane = here.newPlane();
        here.plane.update(here.west.linkedTo(here.east), Map.of());
        here.localService("web", LinkedGateway.port("admin", 9090), Map.of("10.42.0.7", true));
        // ours is written beside what is remembered of the peer that nobody reaches
        await().atMost(SOON)
                .untilAsserted(() -> assertEquals(
                        Set.of("10.42.0.7", "10.52.0.1", "10.52.0.2"),
                        addresses(here.slices(ObjectNames.MCS_SERVICE_LABEL))));
        here.exporter = here.newExporter();
        here.exporter.export(service("web", 1));
        here.exporter.complete();
        here.exporter.update(here.east.linkedTo(here.west), Map.of(here.west.id(), Set.of(0)));
        here.plane.update(here.west.linkedTo(here.east), Map.of(here.east.id(), Set.of(0)));
        await().atMost(SOON).until(() -> addresses(here.slices(ObjectNames.MCS_SERVICE_LABEL))
                .equals(Set.of("10.42.0.7", "10.52.0.1")));
        await().atMost(SOON).until(() -> here.serviceImport("gone").isEmpty());
    }
}
