package io.tombolo.e2e;

import static io.tombolo.e2e.Hello.port;
import static io.tombolo.e2e.ImportShape.carries;
import static io.tombolo.e2e.ImportShape.hasPorts;
import static io.tombolo.e2e.ImportShape.hasType;

import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.ExtendWith;

/** Conformance to KEP-1645: two clusters export what differs. Numbers are the public suite's order. */
@ExtendWith(LinkedClusters.Extension.class)
@Order(1)
final class ConformanceConflictE2E {
    private final LinkedClusters clusters;
    private final Cluster older;
    private final Cluster younger;
    private final Hello hello;

    ConformanceConflictE2E(LinkedClusters clusters) {
        this.clusters = clusters;
        this.older = clusters.first();
        this.younger = clusters.second();
        this.hello = new Hello(clusters);
    }

    @AfterEach
    void remove() {
        hello.close();
    }

    @ConcurrentTest
    @DisplayName("3: of different exported labels and annotations the oldest export's count; both exporters are told")
    void theOldestExportsLabelsCount() {
        Map<String, String> first = Map.of("exported", "yes");
        Map<String, String> second = Map.of("also-exported", "yes");
        hello.deploy(older, hello.service());
        hello.export(older, first);
        hello.awaitOldest(older);
        hello.deploy(younger, hello.service());
        hello.export(younger, second);

        awaitConflict("LabelsConflict", "AnnotationsConflict");
        hello.awaitImports(carries(first, second));
    }

    @ConcurrentTest
    @DisplayName("10: an import has the union of all exporters' ports; both exporters are told that they differ")
    void anImportHasTheUnionOfPorts() {
        ServicePort tcp = port("tcp", "TCP", 42);
        ServicePort udp = port("udp", "UDP", 42);
        ServicePort sctp = port("stcp", "SCTP", 142);
        hello.deploy(older, hello.service(tcp, udp));
        hello.export(older);
        hello.awaitOldest(older);
        hello.deploy(younger, hello.service(tcp, sctp));
        hello.export(younger);

        awaitConflict("PortConflict");
        hello.awaitImports(hasPorts(tcp, udp, sctp));
    }

    @ConcurrentTest
    @DisplayName("11: of ports with the same name the oldest export's counts; both exporters are told")
    void theOldestExportsPortCounts() {
        ServicePort tcp = port("tcp", "TCP", 42);
        ServicePort udp = port("udp", "UDP", 42);
        hello.deploy(older, hello.service(tcp, udp));
        hello.export(older);
        hello.awaitOldest(older);
        hello.deploy(younger, hello.service(port("tcp", "TCP", 43)));
        hello.export(younger);

        awaitConflict("PortConflict");
        hello.awaitImports(hasPorts(tcp, udp));
    }

    @ConcurrentTest
    @DisplayName("15: where only one of two exports is headless the oldest decides; both exporters are told")
    void theOldestExportDecidesOnHeadlessness() {
        hello.deploy(older, hello.service());
        hello.export(older);
        hello.awaitOldest(older);
        hello.deploy(younger, hello.headless());
        hello.export(younger);

        awaitConflict("TypeConflict");
        hello.awaitImports(hasType("ClusterSetIP"));
    }

    private void awaitConflict(String... reasons) {
        for (Cluster cluster : clusters.both()) {
            hello.awaitCondition(cluster, "Conflict", "True", reasons);
        }
    }
}
