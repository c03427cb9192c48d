package io.tombolo.e2e;

import static io.tombolo.e2e.ImportShape.ips;
import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.readiness.Readiness;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Addresses;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** What programs learn of the other cluster's names from the cluster's own DNS, and what another server makes of our imports. */
@ExtendWith(LinkedClusters.Extension.class)
final class ClientsE2E {
    /** musl asks again after 2.5 s, glibc after 5 s: an answer before that waited for none that did not come. */
    private static final long LIMIT_MILLIS = 2000;

    private static final String NO_ADDRESS = "unknown";

    private final Cluster importer;
    private final Cluster exporter;
    private final List<HasMetadata> made = new ArrayList<>();

    ClientsE2E(LinkedClusters clusters) {
        this.importer = clusters.first();
        this.exporter = clusters.second();
    }

    @AfterEach
    void remove() {
        made.forEach(
                object -> importer.client().resource(object).withGracePeriod(0).delete());
    }

    @TestFactory
    Stream<DynamicTest> programsLearnTheAddressesOfNames() throws IOException {
        String image = image(ObjectNames.NAMESPACE, "tombolo-dns");
        start(
                "clients",
                Map.of("image", image, "glibc", built("glibc"), "musl", built("musl"), "java", base64(compiled())));
        Map<String, List<String>> expected = new LinkedHashMap<>(addresses());
        expected.put(who() + "." + NAMESPACE, expected.get(clusterset(who()))); // found by a search path
        expected.put("kubernetes.default", List.of(clusterIp("default", "kubernetes"))); // as before
        expected.put(clusterset("missing"), List.of(NO_ADDRESS));
        return Stream.of(
                        List.of("/clients/glibc"),
                        List.of("/clients/musl"),
                        List.of(
                                "/opt/java/bin/java",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                "/clients",
                                Resolve.class.getName()))
                .map(client -> dynamicTest(client.getFirst(), () -> assertLearns(client, expected)));
    }

    /** For people who prefer CoreDNS's own option to our server. */
    @Test
    void corednsServesOurImportsByItsMulticlusterOption() {
        start("multicluster", Map.of("image", image("kube-system", "coredns")));
        String coredns = importer.podIp(NAMESPACE, "multicluster");
        String ours = clusterIp(ObjectNames.NAMESPACE, "tombolo-dns");
        addresses().forEach((name, addresses) -> {
            assertEquals(addresses, dig(ours, 53, name), () -> "our server's answer for " + name);
            assertEquals(addresses, dig(coredns, 1053, name), () -> "CoreDNS's answer for " + name);
        });
    }

    /** Names of both kinds, each with its addresses, sorted. */
    private Map<String, List<String>> addresses() {
        ServiceImport who = importer.client()
                .resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .withName(who())
                .require();
        String set = "set-" + exporter.context();
        List<String> first = exporter.podIps(NAMESPACE, set + "-0");
        List<String> second = exporter.podIps(NAMESPACE, set + "-1");
        return Map.of(
                clusterset(who()),
                ips(who).stream().sorted().toList(),
                clusterset(set),
                Stream.concat(first.stream(), second.stream()).sorted().toList(),
                set + "-1." + exporter.context() + "." + clusterset(set),
                second.stream().sorted().toList());
    }

    private String who() {
        return "who-" + exporter.context();
    }

    private String clusterIp(String namespace, String service) {
        return importer.client()
                .services()
                .inNamespace(namespace)
                .withName(service)
                .require()
                .getSpec()
                .getClusterIP();
    }

    private static String clusterset(String service) {
        return service + "." + NAMESPACE + ".svc.clusterset.local";
    }

    private void assertLearns(List<String> client, Map<String, List<String>> expected) {
        List<String> command = new ArrayList<>(client);
        command.addAll(expected.keySet());
        String printed = importer.exec(NAMESPACE, "clients", command.toArray(String[]::new));
        Map<String, List<String>> learned = new LinkedHashMap<>();
        for (String line : printed.lines().toList()) {
            String[] fields = line.split(" ", -1);
            learned.put(
                    fields[0],
                    Arrays.stream(fields)
                            .skip(2)
                            .map(ClientsE2E::canonical)
                            .sorted()
                            .toList());
            assertTrue(Long.parseLong(fields[1]) < LIMIT_MILLIS, () -> "took too long, ms: " + line);
        }
        assertEquals(expected, learned);
    }

    /** Each language writes IPv6 addresses in its own way. */
    private static String canonical(String address) {
        return address.equals(NO_ADDRESS) ? address : Addresses.text(InetAddress.ofLiteral(address));
    }

    private List<String> dig(String server, int port, String name) {
        return importer.exec(
                        NAMESPACE,
                        "probe-" + importer.gatewayNode(),
                        "dig",
                        "@" + server,
                        "-p",
                        "" + port,
                        "+short",
                        "+time=2",
                        "+retry=0",
                        name,
                        "A",
                        name,
                        "AAAA")
                .lines()
                .sorted()
                .toList();
    }

    /** Applies the resource of this name, and waits for the pod of this name in it. */
    private void start(String name, Map<String, String> values) {
        made.addAll(importer.apply(name + ".yaml", values));
        LinkedClusters.await(
                "pod " + name + " in " + importer, () -> Readiness.isPodReady(importer.pod(NAMESPACE, name)));
    }

    /** An image that the cluster's nodes have. */
    private String image(String namespace, String deployment) {
        Deployment found = importer.client()
                .apps()
                .deployments()
                .inNamespace(namespace)
                .withName(deployment)
                .require();
        return found.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage();
    }

    private static String built(String library) throws IOException {
        Path program = Path.of("target/resolve-" + library);
        if (!Files.isExecutable(program)) {
            throw new AssertionError(program + " is not built: e2e/test says how, at \"programs for pods\"");
        }
        return base64(Files.readAllBytes(program));
    }

    private static byte[] compiled() throws IOException {
        try (InputStream in = Objects.requireNonNull(Resolve.class.getResourceAsStream("Resolve.class"))) {
            return in.readAllBytes();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
