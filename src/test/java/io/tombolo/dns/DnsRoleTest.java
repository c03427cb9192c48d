package io.tombolo.dns;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.mcs.ServiceImport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.dns.server.LoopbackClient;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The whole role, with the rights it ships with, against a real API server: from the object to the answer. */
@TestInstance(Lifecycle.PER_CLASS)
class DnsRoleTest {
    private static final String NAMESPACE = "dns-role";
    private static final String ZONE = NAMESPACE + ".svc.clusterset.local";
    private static final Duration SOON = Duration.ofSeconds(20);

    private final RealApiServer api = RealApiServer.shared();
    private final KubernetesClient importer = api.agent(ObjectNames.GATEWAY, ObjectNames.GATEWAY + "-0", "n1");
    private final KubernetesClient reader = api.agent(ObjectNames.DNS, ObjectNames.DNS + "-1", "n1");

    @BeforeAll
    void makeNamespace() {
        api.namespace(NAMESPACE);
        // a kind that has just been defined is refused for a moment
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> importer.resources(ServiceImport.class)
                                .inNamespace(NAMESPACE)
                                .list()
                        != null);
    }

    @AfterEach
    void removeObjects() {
        // one by one: the importer may not delete collections
        importer.resources(ServiceImport.class)
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .forEach(object -> importer.resource(object).delete());
        importer.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .list()
                .getItems()
                .forEach(object -> importer.resource(object).delete());
        api.admin().resources(ClusterLink.class).withName("east").delete();
    }

    @AfterAll
    void closeClients() {
        importer.close();
        reader.close();
    }

    @Test
    void answersWhatIsImportedAndFollowsIt(@TempDir Path state) throws Exception {
        try (DnsRole role = start(state, reader)) {
            awaitReady(role);
            assertEquals(Set.of(), ask(role, "web"));
            apply(webImport());
            await().atMost(SOON).until(() -> ask(role, "web").equals(Set.of("10.43.7.7")));
            apply(databaseImport());
            apply(slice("10.52.1.1", "true"));
            link("Up");
            await().atMost(SOON).until(() -> ask(role, "db").equals(Set.of("10.52.1.1")));
            assertEquals(Set.of("10.52.1.1"), ask(role, "db-0.east.db"));
            apply(slice("10.52.1.2", "true"));
            await().atMost(SOON).until(() -> ask(role, "db").equals(Set.of("10.52.1.2")));
            apply(slice("10.52.1.2", "false"));
            await().atMost(SOON).until(() -> ask(role, "db").equals(Set.of()));
            importer.resources(ServiceImport.class)
                    .inNamespace(NAMESPACE)
                    .withName("web")
                    .delete();
            await().atMost(SOON).until(() -> ask(role, "web").equals(Set.of()));
        }
    }

    @Test
    @DisplayName("D26: a dead cluster")
    void takesADeadClusterOutOfAnswersAtOnce(@TempDir Path state) throws Exception {
        apply(databaseImport());
        apply(slice("10.52.1.1", "true"));
        apply(webImport());
        link("Up");
        try (DnsRole role = start(state, reader)) {
            awaitReady(role);
            assertEquals(Set.of("10.52.1.1"), ask(role, "db"));
            path("Down");
            await().atMost(SOON).until(() -> ask(role, "db").isEmpty());
            assertEquals(3, LoopbackClient.rcode(role.port(), "db." + ZONE)); // NXDOMAIN
            assertEquals(Set.of("10.43.7.7"), ask(role, "web"));
            path("Unknown");
            await().atMost(SOON).until(() -> ask(role, "db").equals(Set.of("10.52.1.1")));
        }
    }

    @Test
    @DisplayName("D27: ready from the state file")
    void answersWithoutTheApiServerWhatItKnewBefore(@TempDir Path state) throws Exception {
        apply(webImport());
        try (DnsRole role = start(state, reader)) {
            awaitReady(role);
            await().atMost(SOON).until(() -> Files.exists(state.resolve("dns.state")));
        }
        try (KubernetesClient nobody = unreachable();
                DnsRole restarted = start(state, nobody)) {
            assertEquals(Set.of("10.43.7.7"), ask(restarted, "web"));
            assertEquals(200, get(restarted, "/readyz"));
        }
    }

    @Test
    @DisplayName("D26 D27: SERVFAIL and not ready before the first sync")
    void failsQueriesAndReadinessWhileItKnowsNothing(@TempDir Path state) throws Exception {
        try (KubernetesClient nobody = unreachable();
                DnsRole role = start(state, nobody)) {
            assertEquals(2, LoopbackClient.rcode(role.port(), "web." + ZONE));
            assertEquals(503, get(role, "/readyz"));
            assertEquals(200, get(role, "/healthz"));
            assertEquals(200, get(role, "/metrics"));
        }
    }

    private static DnsRole start(Path state, KubernetesClient client) throws IOException {
        return DnsRole.start(new DnsOptions(0, 0, state, 5, 0), client, Duration.ofMillis(100));
    }

    private static KubernetesClient unreachable() {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder()
                        .withMasterUrl("https://127.0.0.1:1")
                        .withAutoConfigure(false)
                        .withWatchReconnectInterval(100)
                        .build())
                .build();
    }

    private static void awaitReady(DnsRole role) {
        await().atMost(SOON).until(() -> get(role, "/readyz") == 200);
    }

    private static Set<String> ask(DnsRole role, String name) throws IOException {
        return LoopbackClient.addresses(role.port(), name + "." + ZONE);
    }

    private static int get(DnsRole role, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + role.healthPort() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        }
    }

    private void apply(String yaml) {
        HasMetadata object = Serialization.unmarshal(yaml);
        if (object instanceof EndpointSlice slice) { // which the importer puts whole
            Resource<EndpointSlice> there = importer.resource(slice);
            var _ = there.get() == null ? there.create() : there.update();
            return;
        }
        importer.resource(object)
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(ObjectNames.IMPORTER_MANAGER)
                        .withForce(true)
                        .build());
    }

    private void link(String state) {
        HasMetadata link = Serialization.unmarshal("""
                apiVersion: tombolo.io/v1alpha1
                kind: ClusterLink
                metadata: {name: east}
                spec:
                  identities: ["ed25519:fob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0="]
                  gateways: [{slot: 0, publicKey: "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc="}]
                """);
        api.admin().resource(link).serverSideApply();
        path(state);
    }

    private void path(String state) {
        HasMetadata status = Serialization.unmarshal("""
                apiVersion: tombolo.io/v1alpha1
                kind: ClusterLink
                metadata: {name: east}
                status: {paths: [{localSlot: 0, peerSlot: 0, state: %s}]}
                """.formatted(state));
        importer.resource(status)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(ObjectNames.gatewayManager(0))
                        .withForce(true)
                        .build());
    }

    private static String webImport() {
        return """
                apiVersion: multicluster.x-k8s.io/v1beta1
                kind: ServiceImport
                metadata: {name: web, namespace: %s, annotations: {tombolo.io/writer-epoch: "1"}}
                spec: {type: ClusterSetIP, ips: [10.43.7.7], ipFamilies: [IPv4], ports: [{name: http, protocol: TCP, port: 80}]}
                """.formatted(NAMESPACE);
    }

    private static String databaseImport() {
        return """
                apiVersion: multicluster.x-k8s.io/v1beta1
                kind: ServiceImport
                metadata: {name: db, namespace: %s, annotations: {tombolo.io/writer-epoch: "1"}}
                spec: {type: Headless, ports: [{name: sql, protocol: TCP, port: 5432}]}
                """.formatted(NAMESPACE);
    }

    private static String slice(String address, String ready) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: db-east
                  namespace: %s
                  annotations: {tombolo.io/writer-epoch: "1"}
                  labels:
                    endpointslice.kubernetes.io/managed-by: tombolo.io
                    multicluster.kubernetes.io/service-name: db
                    multicluster.kubernetes.io/source-cluster: east
                addressType: IPv4
                ports: [{name: sql, protocol: TCP, port: 5432}]
                endpoints: [{addresses: [%s], hostname: db-0, conditions: {ready: %s}}]
                """.formatted(NAMESPACE, address, ready);
    }
}
