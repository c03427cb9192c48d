package io.tombolo.operator.clusterlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PresharedKeyReaderTest {
    private static final String KEY = "G3YRpG/2NQ+i05arlICTL0J71liPGfOZgo9p+r8kuxc=";
    private static final String FIELD = "spec.presharedKey.secretRef.name";

    private static final ClusterLink LINK = Serialization.unmarshal("""
            apiVersion: tombolo.io/v1alpha1
            kind: ClusterLink
            metadata: {name: east}
            spec:
              presharedKey: {secretRef: {name: psk-east}}
            """, ClusterLink.class);

    @ParameterizedTest
    @MethodSource
    void refusesWhatIsNoKeyAndNeverRepeatsIt(String value) {
        Finding finding = broken(Optional.of(secret(Map.of("psk", value))));

        assertEquals(Problem.PSK_INVALID, finding.problem());
        assertEquals(FIELD, finding.field());
        assertTrue(finding.message().contains(FIELD) && finding.message().contains("psk-east"), finding.message());
        assertFalse(finding.message().contains(value.strip()), finding.message());
    }

    static Stream<String> refusesWhatIsNoKeyAndNeverRepeatsIt() {
        return Stream.of(
                "correct horse battery staple",
                KEY.substring(0, 43),
                Base64.getEncoder().encodeToString(new byte[31]),
                Base64.getEncoder().encodeToString(new byte[33]),
                Base64.getEncoder().encodeToString(new byte[32]), // which WireGuard takes for "none"
                Base64.getEncoder().encodeToString(KEY.getBytes(StandardCharsets.US_ASCII)),
                KEY + "\r\n",
                KEY + "\n\n",
                " " + KEY,
                "\ufeff" + KEY,
                KEY.replace('/', '_'),
                KEY.replace("xc=", "xd="));
    }

    @Test
    void saysWhichSecretIsMissing() {
        Finding finding = broken(Optional.empty());

        assertEquals(Problem.SECRET_NOT_FOUND, finding.problem());
        assertEquals(FIELD + ": Secret psk-east does not exist", finding.message());
    }

    @Test
    void saysThatTheSecretLacksItsEntry() {
        assertEquals(
                Problem.SECRET_MALFORMED,
                broken(Optional.of(secret(Map.of("key", KEY)))).problem());
        assertEquals(
                Problem.SECRET_MALFORMED,
                broken(Optional.of(secret(Map.of("psk", "")))).problem());
        assertEquals(Problem.SECRET_MALFORMED, broken(Optional.of(new Secret())).problem());
    }

    @Test
    void trimsTheOneNewlineThatWgGenpskLeaves() {
        PresharedKeyReader.Result result =
                PresharedKeyReader.read(LINK, name -> Optional.of(secret(Map.of("psk", KEY + "\n"))));

        assertEquals(
                KEY,
                assertInstanceOf(PresharedKeyReader.Result.Found.class, result)
                        .key()
                        .encoded());
    }

    private static Finding broken(Optional<Secret> secret) {
        return assertInstanceOf(
                        PresharedKeyReader.Result.Broken.class,
                        PresharedKeyReader.read(LINK, name -> secret.filter(s -> name.equals("psk-east"))))
                .finding();
    }

    private static Secret secret(Map<String, String> texts) {
        SecretBuilder secret = new SecretBuilder();
        texts.forEach((key, text) ->
                secret.addToData(key, Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
        return secret.build();
    }
}
