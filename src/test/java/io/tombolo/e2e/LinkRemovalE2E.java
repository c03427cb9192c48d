package io.tombolo.e2e;

import static io.tombolo.e2e.LinkedClusters.NAMESPACE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A link that is deleted on one side is gone there at once, whatever the other side does. On the project's own lab. */
@ExtendWith(LinkedClusters.Extension.class)
@Order(Integer.MAX_VALUE - 20)
final class LinkRemovalE2E {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    /**
     * Routes, rules and the firewall tables of ours. Devices and WireGuard peers follow from what routes name. Routes go
     * last, so who waits for the end asks for little else: the machines that are measured are also those that ask.
     */
    private static final List<String> STATE = List.of(
            "ip route show table all",
            "ip rule",
            "for t in $(nft list tables | grep -o 'tombolo_[a-z]*'); do nft list table inet $t; done");

    private final Cluster here;
    private final Cluster there;
    private final Family family;
    private final Lab lab = Lab.require();

    LinkRemovalE2E(LinkedClusters clusters) {
        this.here = clusters.first();
        this.there = clusters.second();
        this.family = clusters.family();
    }

    @Test
    void everythingOfTheLinkGoesAndComesBackWithIt() {
        removeAndRestore(() -> {}, () -> {});
    }

    @Test
    void theOtherClusterNeedNotBeThere() {
        List<String> machines = there.nodesGatewayFirst();
        removeAndRestore(() -> machines.forEach(lab::powerOff), () -> machines.forEach(lab::powerOn));
    }

    private void removeAndRestore(Runnable before, Runnable after) {
        GenericKubernetesResource link = here.client()
                .genericKubernetesResources("tombolo.io/v1alpha1", "ClusterLink")
                .withName(there.context())
                .get();
        String prefix = there.client().pods().inNamespace(NAMESPACE).list().getItems().stream()
                .map(p -> p.getStatus().getPodIP())
                .filter(ip -> ip != null && ip.startsWith("10."))
                .map(ip -> ip.substring(0, ip.indexOf('.', 3) + 1)) // the /16 of the lab's pods
                .findFirst()
                .orElseThrow();
        assertTrue(
                here.nodesGatewayFirst().stream().allMatch(n -> stateOf(n).contains(prefix)),
                "while linked, every node knows the peer's prefix");
        before.run();
        try {
            remove(link, prefix);
        } finally { // the tests that follow need the link
            after.run();
            link.setMetadata(new ObjectMetaBuilder().withName(there.context()).build());
            link.setAdditionalProperty("status", null);
            here.client().resource(link).create();
            String name = "who-" + there.context() + "." + NAMESPACE + ".svc.clusterset.local";
            String pod = "probe-" + here.nodesGatewayFirst().getLast();
            LinkedClusters.awaitAnswer("the name again", () -> here.exec(NAMESPACE, pod, family.tcp(name, 80)));
        }
    }

    private void remove(GenericKubernetesResource link, String prefix) {
        // what this JVM has never done takes it a good part of a second, and is nothing of the product's
        here.client().resource(link).dryRun().delete();
        assertNotNull(here.client().resource(link).get(), "a dry run deletes nothing");
        assertEquals(1, imports("who-" + there.context()).size(), "what is to go is there");
        Lab.awaitCalm();
        // each node says itself when it is clean: asking it from here takes longer than what is measured
        String dirty = STATE.stream()
                .map(part -> "{ %s; } | grep -qF '%s'".formatted(part, prefix))
                .collect(Collectors.joining(" || "));
        Map<String, BufferedReader> cleaned = new TreeMap<>();
        for (String node : here.nodesGatewayFirst()) {
            cleaned.put(
                    node,
                    lab.start(node, "timeout", "30", "sh", "-c", """
                    echo watching; while %s; do sleep 0.15; done; cut -d ' ' -f 1 /proc/uptime""".formatted(dirty))
                            .inputReader());
        }
        cleaned.forEach((node, said) -> assertEquals("watching", line(said), node));
        double started = Lab.uptime();
        here.client().resource(link).delete();
        System.out.printf("link deleted: said so after %.2f s%n", Lab.uptime() - started);
        Awaitility.await("what was imported over the link is gone from " + here)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(150))
                .untilAsserted(() -> assertEquals(List.of(), imports("who-" + there.context())));
        System.out.printf("link deleted: imports gone after %.2f s%n", Lab.uptime() - started);
        cleaned.forEach((node, said) -> {
            String at = line(said);
            assertNotNull(at, () -> "left on " + node + ": " + lines(stateOf(node), prefix));
            double took = Double.parseDouble(at) - started;
            System.out.printf("link deleted: nothing left on %s after %.2f s%n", node, took);
            assertTrue(took <= LIMIT.toSeconds(), () -> node + " took " + took + " s");
        });
        assertEquals(1, imports("who-" + here.context()).size(), "what this cluster exports itself stays imported");
    }

    private List<String> imports(String name) {
        return here
                .client()
                .genericKubernetesResources("multicluster.x-k8s.io/v1beta1", "ServiceImport")
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .stream()
                .map(i -> i.getMetadata().getName())
                .filter(name::equals)
                .toList();
    }

    private String stateOf(String node) {
        return lab.exec(node, "sh", "-c", String.join("; ", STATE));
    }

    private static @Nullable String line(BufferedReader said) {
        try {
            return said.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String lines(String state, String containing) {
        return state.lines().filter(l -> l.contains(containing)).collect(Collectors.joining("\n"));
    }
}
