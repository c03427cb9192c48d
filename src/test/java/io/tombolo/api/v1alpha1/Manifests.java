package io.tombolo.api.v1alpha1;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.kube.RealApiServer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;

/** Our kinds as people write them, for a real API server to judge. */
final class Manifests {
    static final KubernetesClient API = RealApiServer.shared().admin();
    static final String KEY = "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=";

    private Manifests() {}

    /** One bad input: {@code reason} and {@code shown} must stand in the refusal, {@code hidden} must not. */
    record Bad(String row, String yaml, String reason, String shown, String hidden) {
        @Override
        public String toString() {
            return row;
        }

        void assertRefused() {
            KubernetesClientException refused = assertThrows(KubernetesClientException.class, () -> create(yaml), yaml);
            String words = String.valueOf(refused.getMessage());
            assertTrue(words.contains(reason), words);
            assertTrue(words.contains(shown), words);
            assertTrue(hidden.isEmpty() || !words.contains(hidden), words);
        }
    }

    static void take(String yaml) {
        API.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(object -> API.resource(object).dryRun().create());
    }

    static String local(String spec) {
        return object("LocalCluster", "{name: local}") + "spec: {" + spec + "}\n";
    }

    static String link(String name, String more) {
        return """
                apiVersion: tombolo.io/v1alpha1
                kind: ClusterLink
                metadata: {name: %s}
                spec:
                  identities: ["ed25519:fob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0="]
                  gateways:
                  - slot: 0
                    publicKey: %s
                    endpoint: {address: 203.0.113.10, port: 51820}
                """.formatted(name, KEY) + more;
    }

    /** Not in one line: fabric8 takes a text that begins with a brace for JSON. */
    static String object(String kind, String metadata) {
        return "apiVersion: tombolo.io/v1alpha1\nkind: " + kind + "\nmetadata: " + metadata + "\n";
    }

    /** As a plain create: server-side apply has words of its own for lists and unknown fields. */
    private static void create(String yaml) {
        API.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(object -> API.resource(object).create());
    }

    static void apply(String yaml) {
        API.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
    }
}
