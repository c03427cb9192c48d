package io.tombolo.services;

import static io.tombolo.exchange.Loopback.pod;
import static io.tombolo.exchange.Loopback.service;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.exchange.Exchange;
import io.tombolo.exchange.ExchangeListener;
import io.tombolo.exchange.Loopback;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.Names;
import io.tombolo.trust.SignedAnnouncement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A gateway of west with a real API server, linked by real sockets to the exchange of east. */
class ServicePlaneTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private static KubernetesClient client;
    /** With the rights of a gateway's pod, and no more. */
    private static KubernetesClient gateway;

    private final Loopback west = Loopback.cluster("west");
    private final Loopback east = Loopback.cluster("east");
    private Exchange exporter;
    private ServicePlane plane;
    private String namespace;

    @BeforeAll
    static void start() {
        RealApiServer api = RealApiServer.shared();
        client = api.admin();
        gateway = api.agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "node-a");
        LocalCluster local = new LocalCluster();
        local.getMetadata().setName(LocalCluster.NAME);
        local.setSpec(new LocalClusterSpec("west", null, null, null, null));
        client.resource(local).create();
    }

    @AfterAll
    static void stop() {
        client.resources(LocalCluster.class).delete();
        gateway.close();
    }

    @BeforeEach
    void link() {
        namespace = "shop";
        createNamespace(namespace);
        exporter = new Exchange(0, "0.1.0", Loopback.SOCKETS, new Deaf());
        exporter.complete();
        exporter.update(east.linkedTo(west), Map.of(west.id(), Set.of(0)));
        plane = newPlane();
        plane.update(west.linkedTo(east), Map.of(east.id(), Set.of(0)));
    }

    @AfterEach
    void unlink() {
        for (NamespacedName name : plane.peer(east.id()).orElseThrow().names()) {
            exporter.withdraw(name);
        }
        client.resources(ServiceExport.class).inNamespace(namespace).delete();
        await().atMost(SOON).until(() -> imports().isEmpty() && slices("").isEmpty());
        exporter.close();
        plane.close();
        client.leases().inNamespace(ObjectNames.NAMESPACE).delete();
        client.services().inNamespace(namespace).delete();
        client.discovery().v1().endpointSlices().inNamespace(namespace).delete();
    }

    @Test
    void importsWhatAPeerExports() {
        exporter.export(service("web", 2));
        await().atMost(SOON).until(() -> serviceImport("web")
                .map(i -> i.getSpec().ips())
                .filter(ips -> ips != null && !ips.isEmpty())
                .isPresent());
        ServiceImport found = serviceImport("web").orElseThrow();
        Service derived = client.services()
                .inNamespace(namespace)
                .withName(Names.derivedService(new NamespacedName(namespace, "web")))
                .get();
        assertEquals("ClusterSetIP", found.getSpec().type());
        assertEquals(derived.getSpec().getClusterIPs(), found.getSpec().ips());
        assertEquals(
                Map.of("tier", "front", "tombolo.io/service", "web"),
                found.getMetadata().getLabels());
        await().atMost(SOON)
                .until(() -> slices(ObjectNames.MCS_SERVICE_LABEL).size() == 1
                        && slices("kubernetes.io/service-name").size() == 1);
        assertEquals(Set.of("10.52.0.1", "10.52.0.2"), addresses(slices("kubernetes.io/service-name")));
        assertEquals(
                derived.getMetadata().getName(),
                slices("kubernetes.io/service-name")
                        .getFirst()
                        .getMetadata()
                        .getLabels()
                        .get("kubernetes.io/service-name"));
        await().atMost(SOON).until(() -> serviceImport("web").orElseThrow().getStatus() != null);
        assertEquals(
                List.of(new ServiceImport.Cluster("east")),
                serviceImport("web").orElseThrow().getStatus().clusters());
    }

    @Test
    void followsAnEndpointWithinAFractionOfASecond() {
        exporter.export(service("web", 3));
        await().atMost(SOON).until(() -> slices(ObjectNames.MCS_SERVICE_LABEL).size() == 1);
        List<Long> millis = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            boolean ready = i % 2 == 1;
            ExportedService next = service("web", List.of(), List.of(pod(0, true), pod(1, ready), pod(2, true)));
            long begin = System.nanoTime();
            exporter.export(next);
            await().atMost(SOON)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() -> slices(ObjectNames.MCS_SERVICE_LABEL).getFirst().getEndpoints().stream()
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
        exporter.export(service("web", 2));
        await().atMost(SOON).until(() -> slices("kubernetes.io/service-name").size() == 1);
        exporter.withdraw(new NamespacedName(namespace, "web"));
        await().atMost(SOON).until(() -> imports().isEmpty() && slices("").isEmpty());
        assertTrue(client.services()
                .inNamespace(namespace)
                .withLabel(ObjectNames.DERIVED_LABEL)
                .list()
                .getItems()
                .isEmpty());
    }

    @Test
    void leavesAnImportOfSomebodyElseAlone() {
        ServiceImport foreign = new ServiceImport();
        foreign.getMetadata().setNamespace(namespace);
        foreign.getMetadata().setName("web");
        foreign.getMetadata().setAnnotations(Map.of(ObjectNames.WRITER_EPOCH_ANNOTATION, "1"));
        foreign.setSpec(new ServiceImport.Spec(
                List.of(new ServiceImport.Port("x", "TCP", 1, null)), null, "Headless", null, null, null, null, null));
        gateway.resource(foreign).create(); // the policies let nobody else
        exporter.export(service("web", 2));
        exporter.export(service("other", 1));
        await().atMost(SOON).until(() -> serviceImport("other").isPresent());
        ServiceImport found = serviceImport("web").orElseThrow();
        assertEquals("Headless", found.getSpec().type());
        assertTrue(found.getMetadata().getOwnerReferences().isEmpty());
        gateway.resource(foreign).delete();
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
        exporter.export(service("web", List.of(), mixed));
        await().atMost(SOON).until(() -> slices("kubernetes.io/service-name").size() == 1);
        assertEquals(Set.of("10.52.0.1"), addresses(slices("")));
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
        exporter.export(elsewhere);
        exporter.export(web);
        await().atMost(SOON).until(() -> serviceImport("web").isPresent());
        assertTrue(client.resources(ServiceImport.class)
                .inNamespace("later")
                .list()
                .getItems()
                .isEmpty());
        createNamespace("later");
        await().atMost(SOON).until(() -> !client.resources(ServiceImport.class)
                .inNamespace("later")
                .list()
                .getItems()
                .isEmpty());
    }

    @Test
    void exportsALocalServiceAndSaysSo() {
        localService("web", "10.42.0.7");
        await().atMost(SOON).until(() -> plane.local()
                .get(new NamespacedName(namespace, "web"))
                .flatMap(e -> e.service())
                .isPresent());
        await().atMost(SOON).until(() -> {
            ServiceExport found = client.resources(ServiceExport.class)
                    .inNamespace(namespace)
                    .withName("web")
                    .get();
            return found.getStatus() != null
                    && Conditions.isTrue(found.getStatus().conditions(), "Valid")
                    && Conditions.isTrue(found.getStatus().conditions(), "Ready");
        });
        assertEquals(Set.of("node-a"), plane.local().byNode().keySet());
        await().atMost(SOON).until(() -> serviceImport("web").isPresent());
        // a peer that exports another port under the same name: both are told, and the oldest wins
        ExportedService theirs = service("web", 1);
        exporter.export(theirs);
        await().atMost(SOON).until(() -> {
            ServiceExport found = client.resources(ServiceExport.class)
                    .inNamespace(namespace)
                    .withName("web")
                    .get();
            return "PortConflict,LabelsConflict".equals(reasonOf(found, "Conflict"))
                    || reasonOf(found, "Conflict").contains("PortConflict");
        });
        await().atMost(SOON)
                .until(() -> addresses(slices(ObjectNames.MCS_SERVICE_LABEL)).equals(Set.of("10.42.0.7", "10.52.0.1")));
        exporter.withdraw(new NamespacedName(namespace, "web"));
        await().atMost(SOON)
                .until(() -> addresses(slices(ObjectNames.MCS_SERVICE_LABEL)).equals(Set.of("10.42.0.7")));
        assertNotNull(serviceImport("web").orElseThrow());
    }

    @Test
    void saysWhyAServiceCannotBeExported() {
        exportOf("nothing");
        client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("outside")
                        .endMetadata()
                        .withNewSpec()
                        .withType("ExternalName")
                        .withExternalName("example.org")
                        .endSpec()
                        .build())
                .create();
        exportOf("outside");
        await().atMost(SOON).until(() -> reasonOf(export("nothing"), "Valid").equals("NoService"));
        await().atMost(SOON).until(() -> reasonOf(export("outside"), "Valid").equals("InvalidServiceType"));
        assertFalse(serviceImport("outside").isPresent());
    }

    @Test
    void keepsImportsWhileAnotherGatewayTakesOver() {
        exporter.export(service("web", 2));
        await().atMost(SOON).until(() -> slices("kubernetes.io/service-name").size() == 1);
        String uid = serviceImport("web").orElseThrow().getMetadata().getUid();
        plane.close();
        plane = newPlane();
        plane.update(west.linkedTo(east), Map.of(east.id(), Set.of(0)));
        exporter.export(service("web", 1));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> addresses(slices("kubernetes.io/service-name")).equals(Set.of("10.52.0.1")));
        assertEquals(uid, serviceImport("web").orElseThrow().getMetadata().getUid());
    }

    @Test
    void keepsWhatStandsOfAPeerUntilItIsHeardAgain() {
        exporter.export(service("web", 2));
        exporter.export(service("gone", 1));
        await().atMost(SOON).until(() -> slices("").size() == 4);
        plane.close();
        exporter.close();
        plane = newPlane();
        plane.update(west.linkedTo(east), Map.of());
        localService("web", "10.42.0.7");
        // ours is written beside what is remembered of the peer that nobody reaches
        await().atMost(Duration.ofSeconds(60)).until(() -> addresses(slices(ObjectNames.MCS_SERVICE_LABEL))
                .containsAll(Set.of("10.42.0.7", "10.52.0.1", "10.52.0.2")));
        exporter = new Exchange(0, "0.1.0", Loopback.SOCKETS, new Deaf());
        exporter.export(service("web", 1));
        exporter.complete();
        exporter.update(east.linkedTo(west), Map.of(west.id(), Set.of(0)));
        plane.update(west.linkedTo(east), Map.of(east.id(), Set.of(0)));
        await().atMost(SOON)
                .until(() -> addresses(slices(ObjectNames.MCS_SERVICE_LABEL)).equals(Set.of("10.42.0.7", "10.52.0.1")));
        assertTrue(serviceImport("gone").isEmpty());
    }

    private ServicePlane newPlane() {
        return new ServicePlane(
                gateway,
                new ServicePlane.Self(0, "0.1.0", "tombolo-gateway-0", ObjectNames.NAMESPACE),
                Loopback.SOCKETS,
                new ServicePlane.Listener() {
                    @Override
                    public void announced(ClusterId peer, SignedAnnouncement announcement) {}

                    @Override
                    public void exposureChanged() {}

                    @Override
                    public void peerChanged(ClusterId peer) {}
                });
    }

    private void localService(String name, String address) {
        Service created = client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withSelector(Map.of("app", name))
                        .addNewPort()
                        .withName("admin")
                        .withPort(9090)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        client.resource(new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name + "-abcde")
                        .withLabels(Map.of(
                                "kubernetes.io/service-name",
                                name,
                                ObjectNames.MANAGED_BY_LABEL,
                                "endpointslice-controller.k8s.io"))
                        .addNewOwnerReference()
                        .withApiVersion("v1")
                        .withKind("Service")
                        .withName(name)
                        .withUid(created.getMetadata().getUid())
                        .withController(true)
                        .endOwnerReference()
                        .endMetadata()
                        .withAddressType("IPv4")
                        .addNewPort()
                        .withName("admin")
                        .withPort(9090)
                        .withProtocol("TCP")
                        .endPort()
                        .addNewEndpoint()
                        .withAddresses(address)
                        .withNodeName("node-a")
                        .endEndpoint()
                        .build())
                .create();
        exportOf(name);
    }

    private void exportOf(String name) {
        ServiceExport export = new ServiceExport();
        export.getMetadata().setNamespace(namespace);
        export.getMetadata().setName(name);
        client.resource(export).create();
    }

    private ServiceExport export(String name) {
        return client.resources(ServiceExport.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    private static String reasonOf(ServiceExport export, String condition) {
        return Optional.ofNullable(export.getStatus())
                .map(status -> Conditions.find(status.conditions(), condition))
                .map(found -> found.getReason())
                .orElse("");
    }

    private Optional<ServiceImport> serviceImport(String name) {
        return Optional.ofNullable(client.resources(ServiceImport.class)
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    private List<ServiceImport> imports() {
        return client.resources(ServiceImport.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    /** Our slices that carry the label; empty: all of ours. */
    private List<EndpointSlice> slices(String label) {
        return client
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(namespace)
                .withLabel(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY)
                .list()
                .getItems()
                .stream()
                .filter(s -> label.isEmpty() || s.getMetadata().getLabels().containsKey(label))
                .toList();
    }

    private static Set<String> addresses(List<EndpointSlice> slices) {
        Set<String> addresses = new TreeSet<>();
        for (EndpointSlice slice : slices) {
            for (Endpoint endpoint : slice.getEndpoints()) {
                addresses.addAll(endpoint.getAddresses());
            }
        }
        return addresses;
    }

    private static void createNamespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    private static final class Deaf implements ExchangeListener {
        @Override
        public void changed(ClusterId peer, Set<NamespacedName> names) {}

        @Override
        public void announced(ClusterId peer, SignedAnnouncement announcement) {}

        @Override
        public void streamChanged(ClusterId peer) {}
    }
}
