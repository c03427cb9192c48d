package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.tombolo.e2e.LinkedClusters.Ask;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Rows 1-11 of the link's acceptance table: who reaches whom, in both directions, over TCP and UDP. Row 12 is the same between
 * clusters with the same pod addresses ({@code e2e/overlap}).
 */
@ExtendWith(LinkedClusters.Extension.class)
@Order(2) // after the conformance tests: while their namespaces go, only tests without time limits may run
final class ReachabilityE2E {
    private static final int TCP = 8080;
    private static final int UDP = 7007;

    private final LinkedClusters clusters;

    ReachabilityE2E(LinkedClusters clusters) {
        this.clusters = clusters;
    }

    @TestFactory
    Stream<DynamicTest> podsReachPodsAndKeepTheirAddress() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Cluster from : clusters.both()) {
            Cluster to = clusters.other(from);
            for (String source : from.nodesGatewayFirst()) {
                for (String target : to.nodesGatewayFirst()) {
                    tests.add(dynamicTest("pod on " + source + " → pod on " + target, () -> {
                        String address = to.knownIp(NAMESPACE, "probe-" + target);
                        assertSaw(from, source, "probe-" + target, Ask.tcp(address, TCP));
                        assertSaw(from, source, "probe-" + target, Ask.udp(address, UDP));
                    }));
                }
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> podsReachServicesByNameAndByClusterIp() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Cluster from : clusters.both()) {
            Cluster to = clusters.other(from);
            String name = "who-" + to.context();
            for (String source : from.nodesGatewayFirst()) {
                tests.add(dynamicTest("pod on " + source + " → " + name + " by name", () -> {
                    String fqdn = name + "." + NAMESPACE + ".svc.clusterset.local";
                    assertSaw(from, source, "probe-", Ask.tcp(fqdn, 80));
                    assertSaw(from, source, "probe-", Ask.udp(fqdn, 7));
                }));
                tests.add(dynamicTest("pod on " + source + " → " + name + " by ClusterIP", () -> {
                    String ip = clusterSetIp(from, name);
                    assertSaw(from, source, "probe-", Ask.tcp(ip, 80));
                    assertSaw(from, source, "probe-", Ask.udp(ip, 7));
                }));
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> hostNetworkPodsReachPodsAndServices() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Cluster from : clusters.both()) {
            Cluster to = clusters.other(from);
            for (String source : from.nodesGatewayFirst()) {
                for (String target : to.nodesGatewayFirst()) {
                    tests.add(dynamicTest("host " + source + " → pod on " + target, () -> {
                        String address = to.knownIp(NAMESPACE, "probe-" + target);
                        assertAnswers(from, "host-" + source, "probe-" + target + " saw ", Ask.tcp(address, TCP));
                        assertAnswers(from, "host-" + source, "probe-" + target + " saw ", Ask.udp(address, UDP));
                    }));
                }
                tests.add(dynamicTest("host " + source + " → who-" + to.context(), () -> {
                    String fqdn = "who-" + to.context() + "." + NAMESPACE + ".svc.clusterset.local";
                    assertAnswers(from, "host-" + source, "probe-", Ask.tcp(fqdn, 80));
                    assertAnswers(from, "host-" + source, "probe-", Ask.udp(fqdn, 7));
                }));
            }
        }
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> podsReachHeadlessServicesAndTheirPodsByName() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Cluster from : clusters.both()) {
            Cluster to = clusters.other(from);
            String set = "set-" + to.context();
            String zone = set + "." + NAMESPACE + ".svc.clusterset.local";
            for (String source : from.nodesGatewayFirst()) {
                tests.add(dynamicTest(
                        "pod on " + source + " → headless " + set,
                        () -> assertSaw(from, source, set, Ask.tcp(zone, TCP))));
                for (int i = 0; i < 2; i++) {
                    String pod = set + "-" + i;
                    tests.add(dynamicTest(
                            "pod on " + source + " → " + pod + " by name",
                            () -> assertSaw(from, source, pod, Ask.tcp(pod + "." + to.context() + "." + zone, TCP))));
                }
            }
        }
        return tests.stream();
    }

    /** Services and headless Services say their port, and the names of who listens there: which resolve, and answer. */
    @TestFactory
    Stream<DynamicTest> podsFindPortsBySrv() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Cluster from : clusters.both()) {
            Cluster to = clusters.other(from);
            String source = from.nodesGatewayFirst().getLast();
            String zone = "." + NAMESPACE + ".svc.clusterset.local";
            String set = "set-" + to.context() + zone;
            String who = "who-" + to.context() + zone;
            tests.add(dynamicTest("pod on " + source + " → SRV of " + who, () -> {
                assertEquals(List.of("0 1 80 " + who + "."), srv(from, source, "_http._tcp." + who));
                assertEquals(List.of("0 1 7 " + who + "."), srv(from, source, "_echo._udp." + who));
            }));
            tests.add(dynamicTest("pod on " + source + " → SRV of headless " + set, () -> {
                List<String> found = srv(from, source, "_http._tcp." + set);
                assertEquals(
                        IntStream.range(0, 2)
                                .mapToObj(i ->
                                        "0 1 %d set-%s-%d.%s.%s.".formatted(TCP, to.context(), i, to.context(), set))
                                .toList(),
                        found);
                for (String record : found) {
                    String target = record.split(" ", -1)[3];
                    assertSaw(from, source, target.substring(0, target.indexOf('.')), Ask.tcp(target, TCP));
                }
            }));
        }
        return tests.stream();
    }

    private static List<String> srv(Cluster from, String node, String name) {
        return from.exec(NAMESPACE, "probe-" + node, "dig", "+short", "+time=2", "+retry=0", name, "SRV")
                .lines()
                .sorted()
                .toList();
    }

    private static String clusterSetIp(Cluster cluster, String importName) {
        return cluster.client()
                .genericKubernetesResources("multicluster.x-k8s.io/v1beta1", "ServiceImport")
                .inNamespace(NAMESPACE)
                .withName(importName)
                .get()
                .<List<String>>get("spec", "ips")
                .getFirst();
    }

    /** The answer comes from a pod whose name starts with {@code server}, and it saw the asking pod's own address, or its alias. */
    private static void assertSaw(Cluster from, String node, String server, String[] ask) {
        String client = "probe-" + node;
        String own = from.knownIp(NAMESPACE, client);
        String answer = from.exec(NAMESPACE, client, ask);
        assertTrue(answer.startsWith(server), () -> String.join(" ", ask) + " was answered: " + answer);
        assertEquals("saw " + own, answer.substring(answer.indexOf("saw ")), () -> "the source of " + client);
    }

    private static void assertAnswers(Cluster from, String client, String prefix, String[] ask) {
        String answer = from.exec(NAMESPACE, client, ask);
        assertTrue(answer.startsWith(prefix), () -> String.join(" ", ask) + " was answered: " + answer);
    }
}
