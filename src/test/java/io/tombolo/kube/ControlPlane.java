package io.tombolo.kube;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * An etcd and a kube-apiserver of this JVM's own, on loopback; they and all they wrote are gone when it ends. Started by
 * ourselves: fabric8's kube-api-test makes two RSA keys in Java for each (4 s of CPU where only C1 compiles) and gives up
 * at once when its limit would pass midnight (7.5.2 reckons with {@code LocalTime}).
 */
final class ControlPlane {
    /** A machine that is busy with other tests takes its time; a process that ended is noticed at once. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final String TOKEN = "admin-token";

    private final Path binaries;
    private final Path work;
    /** By program, in the order of their start. */
    private final SequencedMap<String, Process> running = new LinkedHashMap<>();

    private ControlPlane(Path binaries, Path work) {
        this.binaries = binaries;
        this.work = work;
    }

    /**
     * Starts both (about 3 s) and waits until the API server is ready.
     *
     * @return a kubeconfig of one who may do everything
     * @throws IllegalStateException where a binary is missing or one of the two ends; says which and its last words
     */
    static String start() {
        try {
            ControlPlane made = new ControlPlane(binaries(), Files.createTempDirectory("tombolo-api-server"));
            Runtime.getRuntime().addShutdownHook(new Thread(made::stop));
            return made.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no P-256 in this JDK", e);
        }
    }

    private String run() throws IOException, GeneralSecurityException {
        String etcd = "http://127.0.0.1:" + freePort();
        String etcdPeers = "http://127.0.0.1:" + freePort();
        int port = freePort();
        KeyPairGenerator p256 = KeyPairGenerator.getInstance("EC");
        p256.initialize(256);
        KeyPair accounts = p256.generateKeyPair();
        Path signing = pem("PRIVATE KEY", accounts.getPrivate());
        Path verifying = pem("PUBLIC KEY", accounts.getPublic());
        Path tokens = Files.writeString(work.resolve("tokens.csv"), TOKEN + ",admin,admin,system:masters\n");
        Path certificates = work.resolve("certificates");
        spawn(
                "etcd",
                "--data-dir=" + work.resolve("data"),
                "--unsafe-no-fsync", // it lives a minute
                "--listen-client-urls=" + etcd,
                "--advertise-client-urls=" + etcd,
                "--listen-peer-urls=" + etcdPeers,
                "--initial-advertise-peer-urls=" + etcdPeers,
                "--initial-cluster=default=" + etcdPeers);
        spawn(
                "kube-apiserver",
                "--etcd-servers=" + etcd,
                "--bind-address=127.0.0.1",
                "--advertise-address=192.0.2.1", // must not be loopback; nobody dials it (RFC 5737)
                "--secure-port=" + port,
                "--cert-dir=" + certificates, // it makes its own
                "--token-auth-file=" + tokens,
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://localhost",
                "--service-account-signing-key-file=" + signing,
                "--service-account-key-file=" + verifying,
                "--disable-admission-plugins=ServiceAccount", // nobody makes the accounts that it asks for
                "--service-cluster-ip-range=10.0.0.0/24,fd00:10::/112",
                "--allow-privileged");
        Path certificate = certificates.resolve("apiserver.crt");
        await("the API server's certificate").atMost(PATIENCE).until(() -> allRun() && Files.exists(certificate));
        String kubeconfig = kubeconfig(port, Files.readAllBytes(certificate));
        Config config = Config.fromKubeconfig(kubeconfig);
        config.setRequestRetryBackoffLimit(0);
        try (KubernetesClient admin =
                new KubernetesClientBuilder().withConfig(config).build()) {
            await("the API server is ready")
                    .atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(KubernetesClientException.class)
                    .until(() -> allRun() && "ok".equals(admin.raw("/readyz")));
        }
        return kubeconfig;
    }

    private static String kubeconfig(int port, byte[] certificate) {
        return """
                apiVersion: v1
                kind: Config
                current-context: test
                contexts: [{name: test, context: {cluster: test, user: admin}}]
                users: [{name: admin, user: {token: %s}}]
                clusters:
                - name: test
                  cluster: {server: "https://127.0.0.1:%d", certificate-authority-data: %s}
                """.formatted(TOKEN, port, Base64.getEncoder().encodeToString(certificate));
    }

    private void spawn(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(binaries.resolve(program).toString()));
        command.addAll(List.of(arguments));
        File log = log(program).toFile();
        running.put(
                program,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log)
                        .start());
    }

    private Path log(String program) {
        return work.resolve(program + ".log");
    }

    private boolean allRun() throws IOException {
        for (Map.Entry<String, Process> each : running.entrySet()) {
            if (!each.getValue().isAlive()) {
                List<String> said = Files.readAllLines(log(each.getKey()));
                throw new IllegalStateException(each.getKey() + " ended with "
                        + each.getValue().exitValue() + ": "
                        + String.join("\n", said.subList(Math.max(0, said.size() - 5), said.size())));
            }
        }
        return true;
    }

    private void stop() {
        running.reversed().values().forEach(Process::destroyForcibly);
        try (Stream<Path> files = Files.walk(work)) {
            for (Process process : running.values()) {
                process.waitFor(); // else it writes while we remove
            }
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Path pem(String label, Key key) throws IOException {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(key.getEncoded());
        return Files.writeString(
                work.resolve(label.replace(' ', '-') + ".pem"),
                "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, body, label));
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    /** {@code KUBEBUILDER_ASSETS}, as envtest names it, else the lab's. */
    private static Path binaries() {
        String assets = System.getenv("KUBEBUILDER_ASSETS");
        String cache = System.getenv("TOMBOLO_LAB_CACHE");
        Path found;
        if (assets != null && !assets.isBlank()) {
            found = Path.of(assets);
        } else if (cache != null && !cache.isBlank()) {
            found = Path.of(cache, "bin");
        } else {
            found = Path.of(System.getProperty("user.home"), ".cache", "tombolo-lab", "bin");
        }
        for (String name : List.of("etcd", "kube-apiserver")) {
            if (!Files.isExecutable(found.resolve(name))) {
                throw new IllegalStateException(
                        "no " + name + " in " + found + ": run e2e/lab/lab prepare, or set KUBEBUILDER_ASSETS");
            }
        }
        return found;
    }
}
