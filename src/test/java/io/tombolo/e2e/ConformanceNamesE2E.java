package io.tombolo.e2e;

import static io.tombolo.e2e.Hello.PORT;
import static io.tombolo.e2e.Hello.soon;
import static io.tombolo.e2e.ImportShape.ips;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.Slices;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.ExtendWith;

/** Conformance to KEP-1645: slices and names. Numbers are the public suite's order. */
@ExtendWith(LinkedClusters.Extension.class)
@Order(1)
final class ConformanceNamesE2E {
    private final LinkedClusters clusters;
    private final Cluster exporter;
    private final Hello hello;

    ConformanceNamesE2E(LinkedClusters clusters) {
        this.clusters = clusters;
        this.exporter = clusters.first();
        this.hello = new Hello(clusters);
    }

    @AfterEach
    void remove() {
        hello.close();
    }

    @ConcurrentTest
    @DisplayName("21: every cluster, the exporter too, has labelled slices of each family until the export goes")
    void everyClusterHasSlicesWhileExported() {
        hello.startPods(exporter, 1);
        hello.deploy(exporter, hello.service());
        hello.export(exporter);
        for (Cluster cluster : clusters.both()) {
            List<EndpointSlice> slices = awaitSlices(cluster, 1);
            for (EndpointSlice slice : slices) {
                Map<String, String> labels = slice.getMetadata().getLabels();
                assertEquals(Hello.NAME, labels.get("multicluster.kubernetes.io/service-name"));
                assertEquals(exporter.context(), labels.get("multicluster.kubernetes.io/source-cluster"));
                assertNotNull(labels.get("endpointslice.kubernetes.io/managed-by"), labels::toString);
                assertNotEquals(
                        "endpointslice-controller.k8s.io", labels.get("endpointslice.kubernetes.io/managed-by"));
            }
        }
        Map<Cluster, List<EndpointSlice>> before = Map.of(
                clusters.first(), hello.mcsSlices(clusters.first()),
                clusters.second(), hello.mcsSlices(clusters.second()));

        hello.unexport(exporter);
        before.forEach((cluster, slices) -> slices.forEach(s -> soon("no slice in " + cluster)
                .until(() -> hello.slice(cluster, s.getMetadata().getName()).get() == null)));
    }

    @ConcurrentTest
    @DisplayName("22: the name of a ClusterIP Service resolves to the addresses of the import in the same cluster")
    void theNameResolvesToTheImportsAddresses() {
        hello.deploy(exporter, hello.service());
        hello.export(exporter);
        for (Cluster cluster : clusters.both()) {
            List<String> ips = ips(hello.awaitImport(cluster, i -> assertFalse(ips(i).isEmpty(), "no address")));
            soon(hello.name() + " in " + cluster)
                    .untilAsserted(() -> assertEquals(
                            ips.stream().sorted().toList(),
                            Stream.of("A", "AAAA")
                                    .flatMap(type -> hello.resolve(cluster, hello.name(), type).stream())
                                    .sorted()
                                    .toList()));
        }
    }

    @ConcurrentTest
    @DisplayName("23: the name of a ClusterIP Service has one SRV record: its port and itself")
    void theNameHasOneSrvRecord() {
        hello.deploy(exporter, hello.service());
        hello.export(exporter);
        for (Cluster cluster : clusters.both()) {
            soon("SRV of " + hello.name() + " in " + cluster)
                    .untilAsserted(() -> assertEquals(List.of(new Srv(PORT, hello.name() + ".")), srv(cluster)));
        }
    }

    @ConcurrentTest
    @DisplayName("24: the cluster's own name of the Service still resolves to its own address")
    void theClustersOwnNameIsTheLocalService() {
        Service service = hello.deploy(exporter, hello.service());
        hello.export(exporter);
        hello.awaitImport(exporter, found -> assertNotNull(found.getSpec().ips()));
        soon(hello.localName())
                .untilAsserted(() -> assertEquals(
                        List.of(service.getSpec().getClusterIP()), hello.resolve(exporter, hello.localName(), "A")));
    }

    @ConcurrentTest
    @DisplayName("25: the name of a headless Service resolves to its pods, from every cluster")
    void aHeadlessNameResolvesToThePods() {
        hello.startPods(exporter, 2);
        hello.deploy(exporter, hello.headless());
        hello.export(exporter);
        awaitOwnEndpoints(2);
        for (Cluster cluster : clusters.both()) {
            for (String family : awaitFamilies(cluster)) {
                soon(family + " of " + hello.name() + " in " + cluster)
                        .untilAsserted(() -> assertEquals(
                                ownAddresses(family), hello.resolve(cluster, hello.name(), record(family))));
            }
        }
    }

    @ConcurrentTest
    @DisplayName("26: <host name>.<cluster>.<name of a headless Service> resolves to that pod, from every cluster")
    void aStatefulPodHasAName() {
        hello.startStatefulPods(exporter, 2);
        hello.deploy(exporter, hello.headless());
        hello.export(exporter);
        awaitOwnEndpoints(2);
        for (Cluster cluster : clusters.both()) {
            for (EndpointSlice slice : awaitSlices(cluster, 2)) {
                String source = slice.getMetadata().getLabels().get("multicluster.kubernetes.io/source-cluster");
                assertEquals(
                        List.of("hello-ss-0", "hello-ss-1"),
                        Slices.endpoints(slice).stream()
                                .map(Endpoint::getHostname)
                                .sorted()
                                .toList());
                for (Endpoint endpoint : Slices.endpoints(slice)) {
                    String name = endpoint.getHostname() + "." + source + "." + hello.name();
                    soon(name + " in " + cluster)
                            .untilAsserted(() -> assertEquals(
                                    endpoint.getAddresses(),
                                    hello.resolve(cluster, name, record(slice.getAddressType()))));
                }
            }
        }
    }

    @ConcurrentTest
    @DisplayName("27: the name of a headless Service has one SRV record for each endpoint: its port and its name")
    void aHeadlessNameHasOneSrvRecordForEachEndpoint() {
        hello.startPods(exporter, 2);
        hello.deploy(exporter, hello.headless());
        hello.export(exporter);
        awaitOwnEndpoints(2);
        List<String> endpoints = hello.ownSlices(exporter).stream()
                .flatMap(s -> Slices.endpoints(s).stream())
                .map(ConformanceNamesE2E::label)
                .sorted()
                .toList();
        for (Cluster cluster : clusters.both()) {
            soon("SRV of " + hello.name() + " in " + cluster).untilAsserted(() -> {
                List<Srv> found = srv(cluster);
                assertEquals(
                        endpoints,
                        found.stream()
                                .map(r -> r.target().substring(0, r.target().indexOf('.')))
                                .toList());
                assertTrue(
                        found.stream()
                                .allMatch(r -> r.port() == PORT && r.target().endsWith("." + hello.name() + ".")),
                        found::toString);
            });
        }
    }

    /** One SRV record without its priority and weight. */
    private record Srv(int port, String target) {}

    private List<Srv> srv(Cluster from) {
        return hello.resolve(from, hello.name(), "SRV").stream()
                .map(l -> l.split(" ", -1))
                .map(fields -> new Srv(Integer.parseInt(fields[2]), fields[3]))
                .toList();
    }

    /** Waits until the import's families are known, and each has slices, all with as many endpoints, all ready. */
    private List<EndpointSlice> awaitSlices(Cluster cluster, int endpoints) {
        for (String family : awaitFamilies(cluster)) {
            soon(family + " slices in " + cluster).untilAsserted(() -> {
                List<EndpointSlice> found = hello.mcsSlices(cluster).stream()
                        .filter(s -> s.getAddressType().equals(family))
                        .toList();
                assertFalse(found.isEmpty(), "no slice");
                for (EndpointSlice slice : found) {
                    assertEquals(endpoints, readyEndpoints(slice), slice.getMetadata()::getName);
                }
            });
        }
        return hello.mcsSlices(cluster);
    }

    private List<String> awaitFamilies(Cluster cluster) {
        ServiceImport found =
                hello.awaitImport(cluster, i -> assertNotNull(i.getSpec().ipFamilies(), "no IP family"));
        return Objects.requireNonNull(found.getSpec().ipFamilies());
    }

    private void awaitOwnEndpoints(int count) {
        LinkedClusters.await("pods of " + exporter, () -> {
            List<EndpointSlice> slices = hello.ownSlices(exporter);
            return !slices.isEmpty() && slices.stream().allMatch(s -> readyEndpoints(s) == count);
        });
    }

    private List<String> ownAddresses(String family) {
        return hello.ownSlices(exporter).stream()
                .filter(s -> s.getAddressType().equals(family))
                .flatMap(s -> Slices.endpoints(s).stream())
                .flatMap(e -> e.getAddresses().stream())
                .sorted()
                .toList();
    }

    private static String record(String family) {
        return family.equals("IPv4") ? "A" : "AAAA";
    }

    /** How the endpoint is named: its host name, or its address with dashes. */
    private static String label(Endpoint endpoint) {
        return endpoint.getHostname() != null
                ? endpoint.getHostname()
                : endpoint.getAddresses().getFirst().replaceAll("[.:]", "-");
    }

    private static long readyEndpoints(EndpointSlice slice) {
        return Slices.endpoints(slice).stream()
                .filter(e -> !Boolean.FALSE.equals(e.getConditions().getReady()))
                .count();
    }
}
