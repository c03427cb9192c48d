package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.DnsWiring;
import io.tombolo.kube.RealApiServer;
import io.tombolo.net.Addresses;
import io.tombolo.problem.Finding;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The cluster DNS as it may stand there, in a real API server (bad-input row 89). */
class CorednsWiringTest {
    private static final KubernetesClient API = RealApiServer.shared().admin();
    /** Outside of what the API server gives to Services. */
    private static final InetAddress DNS = Addresses.parse("10.99.0.77");

    private static final String COREFILE = ".:53 {\n    errors\n    forward . /etc/resolv.conf\n}\n";

    private Instant now = Instant.EPOCH;
    private final CorednsWiring wiring = new CorednsWiring(API, () -> now, () -> true);

    @AfterEach
    void clean() {
        API.configMaps().inNamespace("kube-system").withName("coredns").delete();
        API.services().inNamespace("kube-system").withName("kube-dns").delete();
    }

    @Test
    void row89SaysThatThereIsNoCorefileAndWiresTheOneThatComes() {
        assertEquals(
                Optional.of(
                        "CorednsNotWired spec.dns.wiring: there is no ConfigMap kube-system/coredns with a Corefile"),
                wire(DNS));
        corefile(COREFILE);
        assertEquals(Optional.empty(), wire(DNS));
        assertTrue(corefile().contains("forward . 10.99.0.77") && corefile().endsWith(COREFILE), corefile());
    }

    @Test
    void row89ABlockThatSomebodyRemovedComesBackAndHisOwnChangesStay() {
        corefile(COREFILE);
        wire(DNS);
        String edited = COREFILE.replace("errors", "log\n    errors");
        corefile(edited);
        assertEquals(Optional.empty(), wire(DNS));
        assertEquals(edited, corefile(), "not looked at in every pass");
        now = now.plusSeconds(30);
        assertEquals(Optional.empty(), wire(DNS));
        assertTrue(corefile().contains("forward . 10.99.0.77") && corefile().endsWith(edited), corefile());
        wiring.unwire();
        assertEquals(edited, corefile());
    }

    @Test
    void row89FollowsTheAddressOfOurDns() {
        corefile(COREFILE);
        wire(DNS);
        assertEquals(Optional.empty(), wire(Addresses.parse("10.99.0.78")));
        assertTrue(!corefile().contains("10.99.0.77") && corefile().contains("forward . 10.99.0.78"), corefile());
    }

    @Test
    void row89NeverForwardsTheZoneBackToItself() {
        corefile(COREFILE);
        InetAddress clusterDns = Addresses.parse(API.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("kube-dns")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(53)
                        .endPort()
                        .endSpec()
                        .build())
                .create()
                .getSpec()
                .getClusterIP());
        assertEquals(
                Optional.of("ForwardLoop spec.dns.wiring: the forward would lead back to the cluster's DNS at "
                        + Addresses.text(clusterDns)),
                wire(clusterDns));
        assertEquals(COREFILE, corefile());
        assertEquals(Optional.empty(), wire(DNS));
    }

    private Optional<String> wire(InetAddress dns) {
        return wiring.wire(DnsWiring.AUTO, dns).map((Finding f) -> f.problem().reason() + " " + f.text());
    }

    private static void corefile(String text) {
        API.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace("kube-system")
                        .withName("coredns")
                        .endMetadata()
                        .withData(Map.of("Corefile", text))
                        .build())
                .createOr(map -> map.update());
    }

    private static String corefile() {
        return Objects.requireNonNull(API.configMaps()
                .inNamespace("kube-system")
                .withName("coredns")
                .require()
                .getData()
                .get("Corefile"));
    }
}
