package io.tombolo.services;

import static io.tombolo.exchange.Loopback.pod;
import static io.tombolo.exchange.Loopback.service;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.exchange.Deaf;
import io.tombolo.exchange.Exchange;
import io.tombolo.exchange.Loopback;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.trust.SignedAnnouncement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A gateway of west with a real API server, linked by real sockets to the exchange of east. */
final class LinkedGateway implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(20);
    static final String NAMESPACE = "shop";

    final KubernetesClient client;
    /** With the rights of a gateway's pod, and no more. */
    final KubernetesClient gateway;

    final Loopback west = Loopback.cluster("west");
    final Loopback east = Loopback.cluster("east");
    Exchange exporter;
    ServicePlane plane;

    LinkedGateway() {
        RealApiServer api = RealApiServer.shared();
        client = api.admin();
        gateway = api.agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "node-a");
        LocalCluster local = new LocalCluster();
        local.getMetadata().setName(LocalCluster.NAME);
        local.setSpec(new LocalClusterSpec("west", null, null, null, null, null));
        client.resource(local).create();
        createNamespace(NAMESPACE);
        exporter = newExporter();
        exporter.complete();
        plane = newPlane();
        reach(true);
    }

    /** Whether each of the two has a lane to the other. */
    void reach(boolean reached) {
        Set<Integer> slots = reached ? Set.of(0) : Set.of();
        exporter.update(east.linkedTo(west), Map.of(west.id(), slots));
        plane.update(west.linkedTo(east), Map.of(east.id(), slots));
    }

    @Override
    public void close() {
        try {
            for (NamespacedName name : plane.peer(east.id()).orElseThrow().names()) {
                exporter.withdraw(name);
            }
            client.resources(GlobalService.class).inNamespace(NAMESPACE).delete();
            client.resources(ServiceExport.class).inNamespace(NAMESPACE).delete();
            await().atMost(SOON).until(() -> imports().isEmpty() && slices("").isEmpty());
        } finally { // also after a failure: the next test begins with nothing
            exporter.close();
            plane.close();
            client.leases().inNamespace(ObjectNames.NAMESPACE).delete();
            client.services().inNamespace(NAMESPACE).delete();
            client.discovery().v1().endpointSlices().inNamespace(NAMESPACE).delete();
            client.resources(LocalCluster.class).delete();
            gateway.close();
        }
    }

    Exchange newExporter() {
        return new Exchange(0, "0.1.0", Loopback.SOCKETS, new Deaf());
    }

    ServicePlane newPlane() {
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

    /** A Service with one port, the pods behind it, and its export. */
    void localService(String name, ServicePort port, Map<String, Boolean> pods) {
        Service created = client.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withSelector(Map.of("app", name))
                        .withPorts(port)
                        .endSpec()
                        .build())
                .create();
        localPods(created, port, pods);
        exportOf(name);
    }

    /** @param pods addresses, and whether each is ready */
    void localPods(Service service, ServicePort port, Map<String, Boolean> pods) {
        String name = service.getMetadata().getName();
        client.resource(new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
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
                        .withUid(service.getMetadata().getUid())
                        .withController(true)
                        .endOwnerReference()
                        .endMetadata()
                        .withAddressType("IPv4")
                        .addNewPort()
                        .withName(port.getName())
                        .withPort(port.getPort())
                        .withProtocol("TCP")
                        .endPort()
                        .withEndpoints(pods.entrySet().stream()
                                .map(pod -> new EndpointBuilder()
                                        .withAddresses(pod.getKey())
                                        .withNodeName("node-a")
                                        .withNewConditions()
                                        .withReady(pod.getValue())
                                        .endConditions()
                                        .build())
                                .toList())
                        .build())
                .serverSideApply();
    }

    static ServicePort port(String name, int number) {
        return new ServicePortBuilder().withName(name).withPort(number).build();
    }

    void exportOf(String name) {
        ServiceExport export = new ServiceExport();
        export.getMetadata().setNamespace(NAMESPACE);
        export.getMetadata().setName(name);
        client.resource(export).create();
    }

    ServiceExport export(String name) {
        return client.resources(ServiceExport.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get();
    }

    static String reasonOf(ServiceExport export, String condition) {
        return Optional.ofNullable(export.getStatus())
                .map(status -> Conditions.find(status.conditions(), condition))
                .map(found -> found.getReason())
                .orElse("");
    }

    Optional<ServiceImport> serviceImport(String name) {
        return Optional.ofNullable(client.resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .withName(name)
                .get());
    }

    List<ServiceImport> imports() {
        return client.resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .list()
                .getItems();
    }

    /** Our slices that carry the label; empty: all of ours. */
    List<EndpointSlice> slices(String label) {
        return client
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withLabel(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY)
                .list()
                .getItems()
                .stream()
                .filter(s -> label.isEmpty() || s.getMetadata().getLabels().containsKey(label))
                .toList();
    }

    static Set<String> addresses(List<EndpointSlice> slices) {
        Set<String> addresses = new TreeSet<>();
        for (EndpointSlice slice : slices) {
            for (Endpoint endpoint : slice.getEndpoints()) {
                addresses.addAll(endpoint.getAddresses());
            }
        }
        return addresses;
    }

    void createNamespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }
}
