package io.tombolo.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HealthEndpointTest {
    @Test
    void saysWhyItIsNotReady() throws Exception {
        try (HealthEndpoint endpoint = HealthEndpoint.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Optional::empty,
                        () -> Optional.of("not synced yet"),
                        Exposition::new);
                HttpClient client = HttpClient.newHttpClient()) {
            assertEquals("200 ok\n", get(client, endpoint, "/healthz"));
            assertEquals("503 not synced yet\n", get(client, endpoint, "/readyz"));
            assertEquals("404 not found\n", get(client, endpoint, "/readyz/else"));
            assertTrue(get(client, endpoint, "/").startsWith("404"));
        }
    }

    @Test
    void writesMetricsAsPrometheusReadsThem() {
        Map<String, String> labels = new TreeMap<>(Map.of("transport", "udp", "rcode", "NOERROR"));
        String text = new Exposition()
                .family(Metric.DNS_QUERIES_TOTAL)
                .value(Metric.DNS_QUERIES_TOTAL, labels, 3)
                .single(Metric.DNS_SERVICES, 2)
                .toString();
        assertEquals("""
                # HELP tombolo_dns_queries_total Queries received, by transport, type and rcode; dropped: not answered.
                # TYPE tombolo_dns_queries_total counter
                tombolo_dns_queries_total{rcode="NOERROR",transport="udp"} 3
                # HELP tombolo_dns_services Imported services in the zone.
                # TYPE tombolo_dns_services gauge
                tombolo_dns_services 2
                """, text);
    }

    private static String get(HttpClient client, HealthEndpoint endpoint, String path) throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }
}
