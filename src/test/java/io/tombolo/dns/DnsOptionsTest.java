package io.tombolo.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsOptionsTest {
    @Test
    void hasDefaultsThatFitTheDeployment() {
        assertEquals(new DnsOptions(5353, 8080, Path.of("/run/tombolo"), 5, 3), DnsOptions.parse(List.of()));
    }

    @Test
    void readsEveryOption() {
        assertEquals(
                new DnsOptions(53, 0, Path.of("/tmp/x=y"), 30, 0),
                DnsOptions.parse(List.of(
                        "--port=53",
                        "--health-port=0",
                        "--state-directory=/tmp/x=y",
                        "--ttl=30",
                        "--drain-seconds=0")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--ttl=31", "--ttl=-1", "--ttl", "--port=65536", "--port=x", "--nonsense=1", "port=1", ""})
    void saysWhichOptionIsWrong(String arg) {
        var refused = assertThrows(IllegalArgumentException.class, () -> DnsOptions.parse(List.of(arg)));
        assertTrue(refused.toString().contains(arg) && refused.toString().contains("usage"));
    }
}
