package io.tombolo.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/** HTTP on loopback that answers as a test says: real answers cannot be made wrong at will. */
final class FakeApi implements AutoCloseable {
    static final String MAP = "/api/v1/namespaces/tombolo-system/configmaps/tombolo-network";
    static final String LIST = "/api/v1/namespaces/tombolo-system/configmaps";
    static final String REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    static final String OWNER = "/apis/tombolo.io/v1alpha1/localclusters/local";
    static final String NOT_FOUND = "{\"kind\":\"Status\",\"reason\":\"NotFound\",\"code\":404}";

    /** By path; a path without an answer is a connection that breaks. */
    final Map<String, ApiServer.Answer> answers = new ConcurrentHashMap<>();

    /** Lines of the open watch; the empty line ends it. */
    final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    private final HttpServer http;
    private final Path credentials;

    FakeApi(Path credentials, long tokenExpires) throws IOException {
        this.credentials = credentials;
        Files.writeString(credentials.resolve("ca.crt"), "");
        String claims = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(("{\"exp\":" + tokenExpires + "}").getBytes(StandardCharsets.US_ASCII));
        Files.writeString(credentials.resolve("token"), "e30." + claims + ".c2ln");
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::answer);
        http.start();
    }

    ApiServer client() {
        return new ApiServer("http://127.0.0.1:" + http.getAddress().getPort(), credentials);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=true")) {
                stream(exchange);
                return;
            }
            ApiServer.Answer answer = answers.get(exchange.getRequestURI().getPath());
            if (answer != null) {
                byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(answer.status(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private void stream(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        OutputStream body = exchange.getResponseBody();
        body.flush();
        try {
            for (String line = events.take(); !line.isEmpty(); line = events.take()) {
                body.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                body.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
