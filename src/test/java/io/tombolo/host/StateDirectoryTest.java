package io.tombolo.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tombolo.host.StateDirectory.Stored;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    private final Path parent;

    StateDirectoryTest(@TempDir Path parent) {
        this.parent = parent;
    }

    @Test
    void givesBackWhatWasWritten() throws IOException {
        StateDirectory state = StateDirectory.open(parent.resolve("run"));
        state.write("network.json", "old");
        state.write("network.json", "{}\n");
        assertEquals(
                "{}\n",
                assertInstanceOf(Stored.Whole.class, state.read("network.json")).text());
    }

    @Test
    void isReadableByTheOwnerOnly() throws IOException {
        Path directory = parent.resolve("run");
        StateDirectory.open(directory).write("a", "x");
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("a"))));
    }

    @Test
    void leavesNoTemporaryFile() throws IOException {
        StateDirectory.open(parent.resolve("run")).write("a", "x");
        try (var files = Files.list(parent.resolve("run"))) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void seesATruncatedFileAsCorrupt() throws IOException {
        StateDirectory state = StateDirectory.open(parent.resolve("run"));
        state.write("a", "0123456789");
        Path file = parent.resolve("run/a");
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length++) {
            Files.write(file, java.util.Arrays.copyOf(bytes, length));
            assertInstanceOf(Stored.Corrupt.class, state.read("a"));
        }
    }

    @Test
    void knowsAFileThatIsNotThere() throws IOException {
        assertInstanceOf(
                Stored.Absent.class, StateDirectory.open(parent.resolve("run")).read("a"));
    }

    @Test
    void refusesADirectoryThatIsALink() throws IOException {
        Path link = Files.createSymbolicLink(parent.resolve("link"), parent);
        assertThrows(IOException.class, () -> StateDirectory.open(link));
    }

    @Test
    void refusesNamesThatLeaveTheDirectory() throws IOException {
        StateDirectory state = StateDirectory.open(parent.resolve("run"));
        assertThrows(IllegalArgumentException.class, () -> state.write("../a", "x"));
    }
}
