package io.tombolo.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The API server as a pod reaches it. HTTP/1.1, one connection for each watch: a watch that is dead takes nothing else down
 * with it. The token is read again for each request (it rotates), the CA when its file changes.
 */
final class ApiServer {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final String base;
    private final Path credentials;
    private @Nullable HttpClient client;
    private @Nullable FileTime trusted;

    /**
     * @param base such as {@code https://10.43.0.1:443}
     * @param credentials the ServiceAccount's directory with {@code token}, {@code ca.crt} and {@code namespace}
     */
    ApiServer(String base, Path credentials) {
        this.base = base;
        this.credentials = credentials;
    }

    /** @throws IllegalStateException outside a pod */
    static ApiServer inCluster(Map<String, String> environment) {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        if (host.isEmpty()) {
            throw new IllegalStateException("KUBERNETES_SERVICE_HOST is not set: the node agent runs in a pod");
        }
        String literal = host.contains(":") ? "[" + host + "]" : host;
        return new ApiServer(
                "https://" + literal + ":" + port, Path.of("/var/run/secrets/kubernetes.io/serviceaccount"));
    }

    /** What it said. */
    record Answer(int status, String body) {}

    Answer get(String path) throws IOException {
        return send(request(path).GET());
    }

    Answer post(String path, String json) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    /** Server-side apply; JSON is YAML. */
    Answer apply(String path, String json) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/apply-patch+yaml")
                .method("PATCH", HttpRequest.BodyPublishers.ofString(json)));
    }

    /** Opens a watch: lines arrive in {@code lines} until it ends. */
    void watch(String path, EventLines lines) {
        HttpRequest request = request(path).GET().build();
        client().sendAsync(request, answer -> {
                    lines.opened(answer.statusCode());
                    return HttpResponse.BodySubscribers.fromLineSubscriber(lines);
                })
                .whenComplete((_, failure) -> lines.ended(failure));
    }

    /** When the token we hold expires ({@code exp} of RFC 7519); empty text or a foreign format: the epoch. */
    Instant tokenExpiry() {
        return Token.expiry(token());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + token())
                .header("User-Agent", "tombolo-node")
                .header("Accept", "application/json");
    }

    private String token() {
        try {
            return Files.readString(credentials.resolve("token")).strip();
        } catch (IOException e) {
            return ""; // the server will say 401, which proves nothing without an unexpired token
        }
    }

    private Answer send(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<String> response = client().send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private synchronized HttpClient client() {
        Path ca = credentials.resolve("ca.crt");
        try {
            FileTime changed = Files.getLastModifiedTime(ca);
            HttpClient known = client;
            if (known == null || !changed.equals(trusted)) {
                known = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(PATIENCE)
                        .sslContext(trusting(ca))
                        .executor(Executors.newVirtualThreadPerTaskExecutor())
                        .build();
                client = known;
                trusted = changed;
            }
            return known;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot use the cluster's CA in " + ca + ": " + e.getMessage(), e);
        }
    }

    private static SSLContext trusting(Path ca) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int index = 0;
        try (InputStream in = Files.newInputStream(ca)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + index++, certificate);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
