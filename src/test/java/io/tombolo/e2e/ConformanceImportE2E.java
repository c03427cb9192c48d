package io.tombolo.e2e;

import static io.tombolo.e2e.Hello.OWN_LABELS;
import static io.tombolo.e2e.Hello.port;
import static io.tombolo.e2e.Hello.stays;
import static io.tombolo.e2e.ImportShape.carries;
import static io.tombolo.e2e.ImportShape.hasPorts;
import static io.tombolo.e2e.ImportShape.hasType;
import static io.tombolo.e2e.ImportShape.ips;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.tombolo.api.mcs.ServiceImport;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.ExtendWith;

/** Conformance to KEP-1645: a ServiceImport as exports come and go. Numbers are the public suite's order. */
@ExtendWith(LinkedClusters.Extension.class)
@Order(1)
final class ConformanceImportE2E {
    private final LinkedClusters clusters;
    private final Cluster exporter;
    private final Hello hello;

    ConformanceImportE2E(LinkedClusters clusters) {
        this.clusters = clusters;
        this.exporter = clusters.first();
        this.hello = new Hello(clusters);
    }

    @AfterEach
    void remove() {
        hello.close();
    }

    @ConcurrentTest
    @DisplayName("1: an import stays, the same object, as long as one cluster exports, and goes with the last")
    void anImportStaysWhileOneClusterExports() {
        hello.deploy(exporter, hello.service());
        hello.export(exporter);
        List<String> uids = clusters.both().stream()
                .map(c -> uid(hello.awaitImport(c, i -> {})))
                .toList();

        hello.deploy(clusters.second(), hello.service());
        hello.export(clusters.second());
        awaitExporters(exporter, clusters.second());
        staysTheSame(uids);

        hello.unexport(exporter);
        staysTheSame(uids);
        awaitExporters(clusters.second());

        hello.unexport(clusters.second());
        hello.awaitNoImports();
    }

    @ConcurrentTest
    @DisplayName("2: an import carries exported labels and annotations, and none of the Service's or the export's own")
    void anImportCarriesWhatIsExportedOnly() {
        Map<String, String> exported = Map.of("exported", "yes");
        hello.deploy(exporter, hello.service());
        hello.export(exporter, exported);
        hello.awaitImports(carries(exported, OWN_LABELS));
    }

    @ConcurrentTest
    @DisplayName("4: a ClusterIP Service is imported as ClusterSetIP in every cluster until it is no longer exported")
    void aClusterIpServiceIsImportedInEveryCluster() {
        hello.deploy(exporter, hello.service());
        hello.export(exporter);
        hello.awaitCondition(exporter, "Valid", "True", "Valid");
        hello.awaitImports(hasType("ClusterSetIP"));

        hello.unexport(exporter);
        hello.awaitNoImports();
    }

    @ConcurrentTest
    @DisplayName("5: an import has the Service's session affinity and its configuration")
    void anImportHasTheSessionAffinity() {
        Service service = hello.deploy(
                exporter,
                hello.service()
                        .editSpec()
                        .withSessionAffinity("ClientIP")
                        .withNewSessionAffinityConfig()
                        .withNewClientIP(10)
                        .endSessionAffinityConfig()
                        .endSpec());
        hello.export(exporter);
        hello.awaitImports(found -> {
            assertEquals("ClientIP", found.getSpec().sessionAffinity());
            assertEquals(
                    service.getSpec().getSessionAffinityConfig(),
                    found.getSpec().sessionAffinityConfig());
        });
    }

    @ConcurrentTest
    @DisplayName("6: an import has the Service's internal traffic policy, the default one too")
    void anImportHasTheInternalTrafficPolicy() {
        Service service = hello.deploy(exporter, hello.service());
        hello.export(exporter);
        assertEquals("Cluster", service.getSpec().getInternalTrafficPolicy(), "what the API server defaults to");
        hello.awaitImports(found -> assertEquals("Cluster", found.getSpec().internalTrafficPolicy()));
    }

    @ConcurrentTest
    @DisplayName("7: an import has the Service's traffic distribution")
    void anImportHasTheTrafficDistribution() {
        hello.deploy(
                exporter,
                hello.service()
                        .editSpec()
                        .withTrafficDistribution("PreferClose")
                        .endSpec());
        hello.export(exporter);
        hello.awaitImports(found -> assertEquals("PreferClose", found.getSpec().trafficDistribution()));
    }

    @ConcurrentTest
    @DisplayName("8: an import has one address for each of its IP families, in their order")
    void anImportHasAnAddressForEachFamily() {
        hello.deploy(exporter, hello.service());
        hello.export(exporter);
        for (Cluster cluster : clusters.both()) {
            ServiceImport found =
                    hello.awaitImport(cluster, i -> assertFalse(ips(i).isEmpty(), "no address in " + cluster));
            assertEquals(
                    found.getSpec().ipFamilies(),
                    ips(found).stream().map(ConformanceImportE2E::family).toList());
        }
    }

    @ConcurrentTest
    @DisplayName("9: an import has the Service's ports")
    void anImportHasThePorts() {
        ServicePort web = port("tcp", "TCP", 42)
                .edit()
                .withAppProtocol("kubernetes.io/h2c")
                .build();
        ServicePort udp = port("udp", "UDP", 42);
        hello.deploy(exporter, hello.service(web, udp));
        hello.export(exporter);
        hello.awaitImports(hasPorts(web, udp));
    }

    @ConcurrentTest
    @DisplayName("12: a headless Service is imported as Headless in every cluster until it is no longer exported")
    void aHeadlessServiceIsImportedInEveryCluster() {
        hello.deploy(exporter, hello.headless());
        hello.export(exporter);
        hello.awaitImports(hasType("Headless"));

        hello.unexport(exporter);
        hello.awaitNoImports();
    }

    @ConcurrentTest
    @DisplayName("13: the import of a headless Service never has an address")
    void aHeadlessImportHasNoAddress() {
        hello.deploy(exporter, hello.headless());
        hello.export(exporter);
        hello.awaitImports(i -> {});
        stays("without address", () -> {
            for (Cluster cluster : clusters.both()) {
                assertEquals(List.of(), ips(hello.imported(cluster).orElseThrow()), cluster::context);
            }
        });
    }

    @ConcurrentTest
    @DisplayName("14: an ExternalName Service is refused and never imported")
    void anExternalNameServiceIsRefused() {
        hello.deploy(
                exporter,
                hello.service()
                        .editSpec()
                        .withType("ExternalName")
                        .withExternalName("example.com")
                        .withIpFamilyPolicy(null)
                        .endSpec());
        hello.export(exporter);
        hello.awaitCondition(exporter, "Valid", "False", "InvalidServiceType");
        stays("not imported", () -> {
            for (Cluster cluster : clusters.both()) {
                assertEquals(Optional.empty(), hello.imported(cluster), cluster::context);
            }
        });
    }

    private void staysTheSame(List<String> uids) {
        stays("the import, the same object", () -> {
            for (int i = 0; i < uids.size(); i++) {
                Cluster cluster = clusters.both().get(i);
                assertEquals(
                        Optional.of(uids.get(i)),
                        hello.imported(cluster).map(ConformanceImportE2E::uid),
                        cluster::context);
            }
        });
    }

    private void awaitExporters(Cluster... exporters) {
        Set<ServiceImport.Cluster> expected = Arrays.stream(exporters)
                .map(c -> new ServiceImport.Cluster(c.context()))
                .collect(Collectors.toSet());
        hello.awaitImports(found -> {
            List<ServiceImport.Cluster> named =
                    found.getStatus() == null ? null : found.getStatus().clusters();
            assertEquals(expected, named == null ? Set.of() : Set.copyOf(named));
        });
    }

    private static String family(String ip) {
        return InetAddress.ofLiteral(ip) instanceof Inet4Address ? "IPv4" : "IPv6";
    }

    private static String uid(ServiceImport found) {
        return found.getMetadata().getUid();
    }
}
