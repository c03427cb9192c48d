package io.tombolo.kube;

import io.fabric8.kubeapitest.KubeAPIServer;
import io.fabric8.kubeapitest.KubeAPIServerConfigBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A real API server and etcd, without controllers, with our kinds and those of the Multi-Cluster Services API. */
public final class ApiServer implements AutoCloseable {
    private static final String VERSION = "1.34.4";

    private final KubeAPIServer server;
    private final KubernetesClient client;

    private ApiServer(KubeAPIServer server) {
        this.server = server;
        this.client = newClient(server);
    }

    /** Started with the CRDs of {@code crds/} and {@code deploy/mcs-crds/}. */
    public static ApiServer start() {
        Path binaries = Path.of(System.getenv()
                .getOrDefault(
                        "KUBE_API_TEST_DIR", System.getProperty("user.home") + "/.cache/tombolo-lab/kube-api-test"));
        if (!Files.isExecutable(binaries.resolve("k8s/" + VERSION + "-linux-amd64/kube-apiserver"))) {
            throw new AssertionError(
                    "no kube-apiserver " + VERSION + " below " + binaries + "; `e2e/lab/lab fetch` brings it");
        }
        KubeAPIServer server = new KubeAPIServer(KubeAPIServerConfigBuilder.anAPIServerConfig()
                .withTestDir(binaries.toString())
                .withApiServerVersion(VERSION)
                .withOfflineMode(true)
                .withUpdateKubeConfig(false)
                .build());
        server.start();
        try {
            ApiServer started = new ApiServer(server);
            started.apply(Path.of("crds"));
            started.apply(Path.of("deploy/mcs-crds"));
            return started;
        } catch (RuntimeException e) {
            server.stop();
            throw e;
        }
    }

    public KubernetesClient client() {
        return client;
    }

    /** Another client: its watches and connections are its own. */
    public KubernetesClient newClient() {
        return newClient(server);
    }

    /** Applies every manifest of the directory but kustomizations. */
    public void apply(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> manifests = files.filter(f -> f.toString().endsWith(".yaml"))
                    .filter(f -> !f.endsWith("kustomization.yaml"))
                    .sorted()
                    .toList();
            for (Path manifest : manifests) {
                try (InputStream in = Files.newInputStream(manifest)) {
                    client.load(in).fieldManager("test").forceConflicts().serverSideApply();
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static KubernetesClient newClient(KubeAPIServer server) {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(server.getKubeConfigYaml()))
                .build();
    }

    @Override
    public void close() {
        client.close();
        server.stop();
    }
}
