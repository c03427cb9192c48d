package io.tombolo.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PosixSpawnRunnerTest {
    private final PosixSpawnRunner runner = PosixSpawnRunner.create();

    @Test
    void returnsWhatTheToolWrote() throws Exception {
        assertEquals("a b\n", runner.run("echo", "a b"));
    }

    @Test
    void passesMoreThanAPipeHoldsBothWays() throws Exception {
        String much = "0123456789abcdef\n".repeat(100_000);
        assertEquals(much, runner.run(List.of("cat"), much));
    }

    @Test
    void saysStatusAndStandardErrorButNeverStandardInput() {
        CommandFailedException failure = assertThrows(
                CommandFailedException.class,
                () -> runner.run(List.of("sh", "-c", "cat >/dev/null; echo wrong >&2; exit 3"), "secret"));
        assertEquals(3, failure.status());
        assertEquals("wrong\n", failure.stderr());
        assertFalse(failure.toString().contains("secret"));
    }

    @Test
    void reportsAToolThatIsMissing() {
        CommandFailedException failure =
                assertThrows(CommandFailedException.class, () -> runner.run("tombolo-has-no-such-tool"));
        assertEquals(127, failure.status());
    }

    @Test
    void killsWhatTakesLongerThanTheLimit() {
        CommandFailedException failure = assertThrows(
                CommandFailedException.class, () -> new PosixSpawnRunner(Duration.ofMillis(100)).run("sleep", "60"));
        assertEquals(137, failure.status());
    }

    @Test
    void killsWhatClosesItsOutputsAndStays() {
        CommandFailedException failure =
                assertThrows(CommandFailedException.class, () -> new PosixSpawnRunner(Duration.ofMillis(100))
                        .run("sh", "-c", "exec >&- 2>&-; exec sleep 60"));
        assertEquals(137, failure.status());
    }

    @Test
    void toleratesAToolThatDoesNotReadItsInput() throws Exception {
        assertEquals("", runner.run(List.of("true"), "x".repeat(1_000_000)));
    }

    @Test
    void leaksNoDescriptorIntoTheChild() throws Exception {
        Path open = Files.createTempFile("tombolo", "");
        try (var held = Files.newByteChannel(open)) {
            assertTrue(held.isOpen());
            String descriptors = runner.run("ls", "/proc/self/fd");
            assertEquals("0\n1\n2\n3\n", descriptors, "3 is ls's own");
        } finally {
            Files.delete(open);
        }
    }

    @Test
    void leaksNoDescriptorHere() throws Exception {
        long before = descriptors();
        int commands = 200;
        for (int i = 0; i < commands; i++) {
            runner.run("true");
        }
        // others of this process open and close some meanwhile
        assertTrue(descriptors() < before + commands / 2);
    }

    private static long descriptors() throws Exception {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
