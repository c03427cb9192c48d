package io.tombolo.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that passed the schema of another version, or none. */
class LinkReaderTest {
    private static final String KEY = "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=";
    private static final String YAML = """
            apiVersion: tombolo.io/v1alpha1
            kind: ClusterLink
            metadata: {name: east, uid: u, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec:
              identities: ["ed25519:fob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0="]
              gateways:
              - {slot: 0, publicKey: "aob2oQhV4MaAI2iRBKxN+IgJM2oWHlkY1XTxEVR1dj0="}
              - {slot: 1, publicKey: "KEY", endpoint: {address: "203.0.113.10", port: 51820}}
              prefixes: [10.51.0.0/16, "10.52.0.0/16"]
            """.replace("KEY", KEY);

    @ParameterizedTest
    @CsvSource({
        "'name: east',      'name: West',              INVALID_NAME,          metadata.name,                     West",
        "203.0.113.10,      gw.example.org,            ENDPOINT_FORBIDDEN,    spec.gateways[1].endpoint.address, gw.example.org",
        "203.0.113.10,      fe80::1%eth0,              ENDPOINT_FORBIDDEN,    spec.gateways[1].endpoint.address, fe80::1%eth0",
        "203.0.113.10,      2001:DB8::1,               ADDRESS_NOT_CANONICAL, spec.gateways[1].endpoint.address, 2001:DB8::1",
        "203.0.113.10,      ::ffff:1.2.3.4,            ADDRESS_NOT_CANONICAL, spec.gateways[1].endpoint.address, ::ffff:1.2.3.4",
        "port: 51820,       port: 0,                   ENDPOINT_INVALID,      spec.gateways[1].endpoint.port,    port 0",
        "port: 51820,       port: 65536,               ENDPOINT_INVALID,      spec.gateways[1].endpoint.port,    65536",
        "10.52.0.0/16,      10.52.1.0/16,              CIDR_NOT_CANONICAL,    spec.prefixes[1],                  10.52.1.0/16",
        "10.52.0.0/16,      10.52.0.0/33,              CIDR_INVALID,          spec.prefixes[1],                  10.52.0.0/33",
        "10.52.0.0/16,      10.0.0.0/255.0.0.0,        CIDR_INVALID,          spec.prefixes[1],                  10.0.0.0/255.0.0.0",
    })
    void namesProblemFieldAndValue(String from, String to, Problem problem, String field, String value) {
        Finding finding = unreadable(YAML.replace(from, to));

        assertEquals(problem, finding.problem());
        assertEquals(field, finding.field());
        assertTrue(finding.text().contains(field) && finding.text().contains(value), finding.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "G3YRpG/2NQ", "1b7611a46ff6350fa2d396ab9480932f427bd6588f19f399828f69fabf24bb17"})
    void neverShowsWhatStandsInAKeysPlace(String key) {
        Finding gateway = unreadable(YAML.replace(KEY, key));
        Finding identity = unreadable(YAML.replaceFirst("\"ed25519:[^\"]*", "\"" + key));

        Problem problem = key.isEmpty() ? Problem.KEY_MISSING : Problem.KEY_FORMAT;
        assertEquals(problem, gateway.problem());
        assertEquals("spec.gateways[1].publicKey", gateway.field());
        assertEquals(problem, identity.problem());
        assertEquals("spec.identities[0]", identity.field());
        assertFalse(!key.isEmpty() && gateway.text().contains(key), gateway.text());
        assertFalse(!key.isEmpty() && identity.text().contains(key), identity.text());
    }

    @ParameterizedTest
    @CsvSource({"(?s)spec:.*, spec", "'identities: [^\n]*', spec.identities", "(?s)gateways:.*, spec.gateways"})
    void aMissingPartIsAFindingToo(String part, String field) {
        assertEquals(field, unreadable(YAML.replaceFirst(part, "")).field());
    }

    @Test
    void boundsWhatItRepeats() {
        assertTrue(unreadable(YAML.replace("10.52.0.0/16", "x".repeat(100_000)))
                        .text()
                        .length()
                < 400);
    }

    @Test
    void lacksThePresharedKeyThatGatewaysDoNotHold() {
        GatewaySecret none = GatewaySecret.empty();
        GatewaySecret held = new GatewaySecret(
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(Map.of(new ClusterId("east"), PresharedKey.parse(KEY))));
        String asking = YAML + "  presharedKey: {secretRef: {name: psk-east}}\n";

        assertTrue(read(asking, none).lacksPresharedKey());
        assertFalse(read(asking, held).lacksPresharedKey());
        assertFalse(read(YAML, none).lacksPresharedKey(), "none is asked for");
    }

    private static LinkView read(String yaml, GatewaySecret keys) {
        return assertInstanceOf(LinkReader.Result.Read.class, LinkReader.read(parse(yaml), keys))
                .link();
    }

    private static Finding unreadable(String yaml) {
        return assertInstanceOf(LinkReader.Result.Unreadable.class, LinkReader.read(parse(yaml), GatewaySecret.empty()))
                .finding();
    }

    private static ClusterLink parse(String yaml) {
        return Serialization.unmarshal(yaml, ClusterLink.class);
    }
}
