package io.tombolo.e2e;

import static io.tombolo.e2e.Hello.PORT;
import static io.tombolo.e2e.Hello.port;
import static io.tombolo.e2e.Hello.soon;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Conformance to KEP-1645: who is reached, and from where. Services are without session affinity: with it, ten requests
 * would say no more than one. Numbers are the public suite's order.
 */
@ExtendWith(LinkedClusters.Extension.class)
@Order(1)
final class ConformanceTrafficE2E {
    /** A port that only the younger export has: once it answers, all of that export is in force. */
    private static final int IN_FORCE = 4343;

    private final LinkedClusters clusters;
    private final Cluster older;
    private final Cluster younger;
    private final Hello hello;

    ConformanceTrafficE2E(LinkedClusters clusters) {
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
    @DisplayName("16: a Service that is not exported is not reached; the same request reaches it once it is")
    void aServiceThatIsNotExportedIsNotReached() {
        hello.startPods(older, 1);
        hello.deploy(older, hello.service());
        String ip = hello.awaitPodIp(older);
        awaitAnswer(older, hello.localName(), PORT, ip);
        for (Cluster cluster : clusters.both()) {
            // nc's own failures are expected, those of the exec are not
            String answers = hello.repeat(cluster, 20, "echo hi | nc -w 1 " + hello.name() + " 42; echo asked");
            assertFalse(answers.contains("pod ip"), answers);
            assertEquals(20, answers.lines().filter("asked"::equals).count(), answers);
        }
        hello.export(older);
        for (Cluster cluster : clusters.both()) {
            awaitAnswer(cluster, hello.name(), PORT, ip);
        }
    }

    @ConcurrentTest
    @DisplayName("17: an exported ClusterIP Service is reached by name from every cluster")
    void anExportedServiceIsReachedByName() {
        hello.startPods(older, 1);
        hello.deploy(older, hello.service());
        hello.export(older);
        String ip = hello.awaitPodIp(older);
        for (Cluster cluster : clusters.both()) {
            awaitAnswer(cluster, hello.name(), PORT, ip);
            assertEquals("pod ip " + ip, hello.ask(cluster, Family.IPV4.udp(hello.name(), PORT)));
        }
    }

    @ConcurrentTest
    @DisplayName("18: of a Service in two clusters that one exports, only that one's pods are reached")
    void onlyTheExportersPodsAreReached() {
        for (Cluster cluster : clusters.both()) {
            hello.startPods(cluster, 1);
            hello.deploy(cluster, hello.service());
        }
        String ip = hello.awaitPodIp(older);
        awaitAnswer(younger, hello.localName(), PORT, hello.awaitPodIp(younger));
        hello.export(older);
        for (Cluster cluster : clusters.both()) {
            awaitAnswer(cluster, hello.name(), PORT, ip);
            assertAnswersTenTimes(cluster, PORT, ip);
        }
    }

    @ConcurrentTest
    @DisplayName("19: a port reaches only clusters that export it, whatever else has its name")
    void aPortReachesOnlyClustersThatExportItsNumber() {
        exportInTurn(port("tcp", "TCP", 4242), port("in-force", "TCP", IN_FORCE));
        String ip = hello.awaitPodIp(older);
        for (Cluster cluster : clusters.both()) {
            awaitAnswer(cluster, hello.name(), IN_FORCE, hello.awaitPodIp(younger));
            awaitAnswer(cluster, hello.name(), PORT, ip);
            assertAnswersTenTimes(cluster, PORT, ip);
        }
    }

    @ConcurrentTest
    @DisplayName("20: of ports with different names each reaches only the cluster that exports it")
    void eachPortReachesOnlyTheClusterThatExportsIt() {
        exportInTurn(port("tcp2", "TCP", 4242));
        String ip = hello.awaitPodIp(older);
        String other = hello.awaitPodIp(younger);
        for (Cluster cluster : clusters.both()) {
            awaitAnswer(cluster, hello.name(), 4242, other);
            awaitAnswer(cluster, hello.name(), PORT, ip);
            assertAnswersTenTimes(cluster, PORT, ip);
            assertAnswersTenTimes(cluster, 4242, other);
        }
    }

    /** The older exports 42 as tcp, the younger what is given. */
    private void exportInTurn(ServicePort... ports) {
        clusters.both().forEach(c -> hello.startPods(c, 1));
        hello.deploy(older, hello.service());
        hello.export(older);
        hello.awaitOldest(older);
        hello.deploy(younger, hello.service(ports));
        hello.export(younger);
    }

    private void awaitAnswer(Cluster from, String name, int port, String ip) {
        soon("an answer of %s on %d in %s".formatted(name, port, from))
                .untilAsserted(() -> assertEquals("pod ip " + ip, ask(from, name, port, 1)));
    }

    private void assertAnswersTenTimes(Cluster from, int port, String ip) {
        String expected = String.join("\n", Collections.nCopies(10, "pod ip " + ip));
        assertEquals(expected, ask(from, hello.name(), port, 10), () -> "port " + port + " in " + from);
    }

    private String ask(Cluster from, String name, int port, int times) {
        return hello.repeat(from, times, "echo hi | nc -w 3 %s %d || exit".formatted(name, port));
    }
}
