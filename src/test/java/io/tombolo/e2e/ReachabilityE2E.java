package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/**
 * Rows 1-11 of the link's acceptance table: who reaches whom, in both directions, over TCP and UDP, in every
 * IP family that both clusters have ({@code e2e/ip-family}). Row 12 is the same between clusters with the same pod addresses
 * ({@code e2e/overlap}).
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
        return ways().flatMap(way -> way.targets()
                .map(target -> way.test("pod on " + target, () -> {
                    String address = way.to.knownIp(way.family, NAMESPACE, "probe-" + target);
                    way.assertSaw("probe-" + target, way.family.tcp(address, TCP));
                    way.assertSaw("probe-" + target, way.family.udp(address, UDP));
                })));
    }

    @TestFactory
    Stream<DynamicTest> podsReachServicesByNameAndByClusterIp() {
        return ways().flatMap(way -> {
            String name = "who-" + way.to.context();
            return Stream.of(
                    way.test(name + " by name", () -> {
                        way.assertSaw("probe-", way.family.tcp(fqdn(name), 80));
                        way.assertSaw("probe-", way.family.udp(fqdn(name), 7));
                    }),
                    way.test(name + " by ClusterIP", () -> {
                        String ip = way.family.of(clusterSetIps(way.from, name));
                        way.assertSaw("probe-", way.family.tcp(ip, 80));
                        way.assertSaw("probe-", way.family.udp(ip, 7));
                    }));
        });
    }

    @TestFactory
    Stream<DynamicTest> hostNetworkPodsReachPodsAndServices() {
        return ways().flatMap(way -> {
            String client = "host-" + way.source;
            String name = "who-" + way.to.context();
            return Stream.concat(
                    way.targets()
                            .map(target -> way.test("pod on " + target + " from the host", () -> {
                                String address = way.to.knownIp(way.family, NAMESPACE, "probe-" + target);
                                way.assertAnswers(client, "probe-" + target + " saw ", way.family.tcp(address, TCP));
                                way.assertAnswers(client, "probe-" + target + " saw ", way.family.udp(address, UDP));
                            })),
                    Stream.of(way.test(name + " from the host", () -> {
                        way.assertAnswers(client, "probe-", way.family.tcp(fqdn(name), 80));
                        way.assertAnswers(client, "probe-", way.family.udp(fqdn(name), 7));
                    })));
        });
    }

    @TestFactory
    Stream<DynamicTest> podsReachHeadlessServicesAndTheirPodsByName() {
        return ways().flatMap(way -> {
            String set = "set-" + way.to.context();
            return Stream.concat(
                    Stream.of(way.test("headless " + set, () -> way.assertSaw(set, way.family.tcp(fqdn(set), TCP)))),
                    Stream.of(set + "-0", set + "-1")
                            .map(pod -> way.test(pod + " by name", () -> {
                                String name = pod + "." + way.to.context() + "." + fqdn(set);
                                way.assertSaw(pod, way.family.tcp(name, TCP));
                            })));
        });
    }

    /** Services and headless Services say their port, and the names of who listens there: which resolve, and answer. */
    @TestFactory
    Stream<DynamicTest> podsFindPortsBySrv() {
        return ways().filter(
                        way -> way.source.equals(way.from.nodesGatewayFirst().getLast()))
                .flatMap(way -> {
                    String set = "set-" + way.to.context();
                    String who = fqdn("who-" + way.to.context());
                    return Stream.of(
                            way.test("SRV of " + who, () -> {
                                assertEquals(List.of("0 1 80 " + who + "."), way.srv("_http._tcp." + who));
                                assertEquals(List.of("0 1 7 " + who + "."), way.srv("_echo._udp." + who));
                            }),
                            way.test("SRV of headless " + set, () -> {
                                List<String> found = way.srv("_http._tcp." + fqdn(set));
                                assertEquals(
                                        IntStream.range(0, 2)
                                                .mapToObj(i -> "0 1 %d %s-%d.%s.%s."
                                                        .formatted(TCP, set, i, way.to.context(), fqdn(set)))
                                                .toList(),
                                        found);
                                for (String record : found) {
                                    String target = record.split(" ", -1)[3];
                                    way.assertSaw(
                                            target.substring(0, target.indexOf('.')), way.family.tcp(target, TCP));
                                }
                            }));
                });
    }

    private static String fqdn(String service) {
        return service + "." + NAMESPACE + ".svc.clusterset.local";
    }

    private static List<String> clusterSetIps(Cluster cluster, String importName) {
        return cluster.client()
                .genericKubernetesResources("multicluster.x-k8s.io/v1beta1", "ServiceImport")
                .inNamespace(NAMESPACE)
                .withName(importName)
                .get()
                .get("spec", "ips");
    }

    /** From every node of either cluster to the other one, in every family that both have. */
    private Stream<Way> ways() {
        return clusters.families().stream()
                .flatMap(family -> clusters.both().stream().flatMap(from -> from.nodesGatewayFirst().stream()
                        .map(source -> new Way(family, from, source, clusters.other(from)))));
    }

    /** @param source a node of {@code from}, where pods ask */
    private record Way(Family family, Cluster from, String source, Cluster to) {
        /** The nodes of the other cluster. */
        Stream<String> targets() {
            return to.nodesGatewayFirst().stream();
        }

        DynamicTest test(String what, Executable executable) {
            return dynamicTest(family + ", pod on " + source + " → " + what, executable);
        }

        /** The answer comes from a pod whose name starts with {@code server}, and it saw the asking pod's own address, or its alias. */
        void assertSaw(String server, String[] ask) {
            String client = "probe-" + source;
            String own = from.knownIp(family, NAMESPACE, client);
            String answer = from.exec(NAMESPACE, client, ask);
            assertTrue(answer.startsWith(server), () -> String.join(" ", ask) + " was answered: " + answer);
            assertEquals("saw " + own, answer.substring(answer.indexOf("saw ")), () -> "the source of " + client);
        }

        void assertAnswers(String client, String prefix, String[] ask) {
            String answer = from.exec(NAMESPACE, client, ask);
            assertTrue(answer.startsWith(prefix), () -> String.join(" ", ask) + " was answered: " + answer);
        }

        List<String> srv(String name) {
            return from.exec(NAMESPACE, "probe-" + source, "dig", "+short", "+time=2", "+retry=0", name, "SRV")
                    .lines()
                    .sorted()
                    .toList();
        }
    }
}
