package io.tombolo.kube.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.net.Addresses;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.problem.Finding;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a Service and its slices linked clusters are told (bad-input rows 46-48, 52, 60, 68; T15, T16). */
class ExportReaderTest {
    private static final String UID = "5f0b6c8e-0000-4000-8000-000000000001";
    private static final String PLAIN = "{selector: {app: web}, clusterIP: 10.96.0.7, ports: [{name: http, port: 80}]}";

    /** Conditions as they stand in a slice, and ready, serving, terminating as they are told. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {addresses: [10.42.0.7]}                                                               | true true false
            {addresses: [10.42.0.7], conditions: null}                                             | true true false
            {addresses: [10.42.0.7], conditions: {}}                                               | true true false
            {addresses: [10.42.0.7], conditions: {ready: null}}                                    | true true false
            {addresses: [10.42.0.7], conditions: {ready: true, serving: null, terminating: null}}  | true true false
            {addresses: [10.42.0.7], conditions: {ready: false}}                                   | false false false
            {addresses: [10.42.0.7], conditions: {ready: false, serving: true, terminating: true}} | false true true
            {addresses: [10.42.0.7], conditions: {ready: true, serving: true, terminating: true}}  | true true true
            {addresses: [], conditions: {ready: true}}                                             |
            {conditions: {ready: true}}                                                            |
            """)
    void row68ReadsEveryStateOfAnEndpoint(String endpoint, String told) {
        ExportedService exported = read(PLAIN, slice(KUBE, UID, "IPv4", endpoint));
        List<String> states = exported.endpoints().stream()
                .flatMap(g -> g.endpoints().stream())
                .map(e -> e.ready() + " " + e.serving() + " " + e.terminating())
                .toList();
        assertEquals(told == null ? List.of() : List.of(told), states);
    }

    @ParameterizedTest
    @CsvSource({
        "somebody.example.org,            5f0b6c8e-0000-4000-8000-000000000001, IPv4",
        "endpointslicemirroring-controller.k8s.io, 5f0b6c8e-0000-4000-8000-000000000001, IPv4",
        "tombolo.io,                      5f0b6c8e-0000-4000-8000-000000000001, IPv4",
        "endpointslice-controller.k8s.io, 5f0b6c8e-0000-4000-8000-000000000002, IPv4",
        "endpointslice-controller.k8s.io, 5f0b6c8e-0000-4000-8000-000000000001, FQDN"
    })
    void t15TellsOfNoSliceThatIsNotKubernetesOwn(String managedBy, String owner, String type) {
        EndpointSlice forged = slice(managedBy, owner, type, "{addresses: [10.42.0.66]}");
        EndpointSlice sound = slice(KUBE, UID, "IPv4", "{addresses: [10.42.0.7]}");
        forged.getMetadata().setName("forged");
        LocalExport export = export(PLAIN, forged, sound);
        assertEquals(List.of("10.42.0.7"), addresses(export.service().orElseThrow()));
        assertEquals(List.of("forged"), export.forged());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "externalIPs: [198.51.100.1], ",
                "type: LoadBalancer, loadBalancerIP: 198.51.100.1, ",
                "type: NodePort, ",
                "externalName: steered.example.org, ",
                "type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30001, "
            })
    void t16OnlyPodsAreToldWhateverElseLeadsToTheService(String more) {
        EndpointSlice slice = slice(KUBE, UID, "IPv4", "{addresses: [10.42.0.7]}");
        Service steering = service("{" + more + PLAIN.substring(1));
        steering.setStatus(Serialization.unmarshal(
                "loadBalancer: {ingress: [{ip: 198.51.100.1}, {hostname: steered.example.org}]}",
                io.fabric8.kubernetes.api.model.ServiceStatus.class));
        assertEquals(
                read(PLAIN, slice),
                ExportReader.read(export("shop", "web"), steering, List.of(slice), List.of(), true)
                        .service()
                        .orElseThrow());
    }

    @Test
    void t16TellsNothingOfAnExternalName() {
        LocalExport refused = ExportReader.read(
                export("shop", "web"),
                service(
                        "{type: ExternalName, externalName: kubernetes.default.svc, selector: {app: web}, ports: [{port: 80}]}"),
                List.of(slice(KUBE, UID, "IPv4", "{addresses: [10.42.0.7]}")),
                List.of(),
                true);
        assertEquals("ServiceTypeUnsupported", reason(refused));
        assertEquals(
                true, refused.service().isEmpty() && refused.socketsByNode().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "kube-system,kube-dns",
        "kube-public,web",
        "kube-node-lease,web",
        "tombolo-system,web",
        "default,kubernetes"
    })
    void row52TellsNothingOfTheClusterItself(String namespace, String name) {
        LocalExport refused = ExportReader.read(export(namespace, name), service(PLAIN), List.of(), List.of(), true);
        assertEquals("NamespaceForbidden", reason(refused));
        assertEquals(true, refused.service().isEmpty());
    }

    private static final String KUBE = "endpointslice-controller.k8s.io";

    private static String reason(LocalExport export) {
        return export.refused().map(Finding::problem).orElseThrow().reason();
    }

    private static ExportedService read(String spec, EndpointSlice... slices) {
        return export(spec, slices).service().orElseThrow();
    }

    private static LocalExport export(String spec, EndpointSlice... slices) {
        return ExportReader.read(export("shop", "web"), service(spec), Arrays.asList(slices), List.of(), true);
    }

    private static List<String> addresses(ExportedService service) {
        return service.endpoints().stream()
                .flatMap(g -> g.endpoints().stream())
                .map(e -> Addresses.text(e.address()))
                .toList();
    }

    private static ServiceExport export(String namespace, String name) {
        ServiceExport export = new ServiceExport();
        export.getMetadata().setNamespace(namespace);
        export.getMetadata().setName(name);
        export.getMetadata().setUid("e1");
        export.getMetadata().setCreationTimestamp("2026-01-01T00:00:00Z");
        return export;
    }

    private static Service service(String spec) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Service\nmetadata: {namespace: shop, name: web, uid: " + UID + "}\nspec: "
                        + spec,
                Service.class);
    }

    private static EndpointSlice slice(String managedBy, String owner, String type, String endpoint) {
        return Serialization.unmarshal("""
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: web-x
                  labels: {endpointslice.kubernetes.io/managed-by: %s, kubernetes.io/service-name: web}
                  ownerReferences: [{apiVersion: v1, kind: Service, name: web, uid: %s, controller: true}]
                addressType: %s
                ports: [{name: http, port: 8080, protocol: TCP}]
                endpoints: [%s]
                """.formatted(managedBy, owner, type, endpoint), EndpointSlice.class);
    }
}
