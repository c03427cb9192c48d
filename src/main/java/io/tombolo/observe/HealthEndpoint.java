package io.tombolo.observe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * {@code /healthz}, {@code /readyz} and {@code /metrics} on the JDK's own HTTP server, for roles outside Quarkus that are
 * not on the host's network.
 */
public final class HealthEndpoint implements AutoCloseable {
    static {
        // seconds; a client that dawdles must not hold a thread for ever
        System.setProperty("sun.net.httpserver.maxReqTime", "5");
        System.setProperty("sun.net.httpserver.maxRspTime", "5");
    }

    private final HttpServer server;

    private HealthEndpoint(HttpServer server) {
        this.server = server;
    }

    /**
     * @param sick what is wrong with the process, so that a restart may help; empty: nothing
     * @param unready why it should get no traffic; empty: it should
     * @param metrics the current ones
     * @throws IOException where the address cannot be bound
     */
    public static HealthEndpoint start(
            InetSocketAddress address,
            Supplier<Optional<String>> sick,
            Supplier<Optional<String>> unready,
            Supplier<Exposition> metrics)
            throws IOException {
        HttpServer server = HttpServer.create(address, 16);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/healthz", exchange -> check(exchange, "/healthz", sick.get()));
        server.createContext("/readyz", exchange -> check(exchange, "/readyz", unready.get()));
        server.createContext("/metrics", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", Exposition.CONTENT_TYPE);
            answer(exchange, "/metrics", 200, metrics.get().toString());
        });
        server.start();
        return new HealthEndpoint(server);
    }

    /** The port bound, 1-65535. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void check(HttpExchange exchange, String path, Optional<String> trouble) throws IOException {
        answer(exchange, path, trouble.isEmpty() ? 200 : 503, trouble.orElse("ok") + "\n");
    }

    /** A context also gets the paths below it, which are not ours. */
    private static void answer(HttpExchange exchange, String path, int status, String text) throws IOException {
        try (exchange) {
            boolean ours = exchange.getRequestURI().getPath().equals(path);
            byte[] body = (ours ? text : "not found\n").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(ours ? status : 404, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }
}
