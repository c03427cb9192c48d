package io.tombolo.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tombolo.dns.zone.ImportedService;
import io.tombolo.dns.zone.ImportedService.Endpoint;
import io.tombolo.dns.zone.ImportedService.Port;
import io.tombolo.dns.zone.Zones;
import io.tombolo.net.Addresses;
import io.tombolo.net.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    private static final RememberedImports WORLD = new RememberedImports(
            ZoneKeeperTest.surroundings(Set.of("east", "north"), Set.of("north")),
            Stream.of(
                            Zones.clusterSetIp(
                                    "shop",
                                    "web",
                                    List.of("10.43.0.10", "fd43::10"),
                                    Zones.HTTP,
                                    new Port("", Transport.SCTP, 65535)),
                            Zones.headless(
                                    "shop",
                                    "db",
                                    Zones.endpoint("east", "10.52.0.1", "db-0"),
                                    new Endpoint(
                                            "east", Addresses.parse("fd52::1"), Optional.empty(), false, List.of())))
                    .collect(java.util.stream.Collectors.toMap(ImportedService::name, s -> s)));

    @Test
    void readsWhatItWrote(@TempDir Path directory) throws IOException {
        StateFile file = new StateFile(directory.resolve("state"));
        file.write(WORLD);
        assertEquals(Optional.of(WORLD), file.read());
        RememberedImports empty = new RememberedImports(
                new Surroundings(Optional.empty(), Set.of(), Set.of(), List.of(), List.of()), Map.of());
        file.write(empty);
        assertEquals(Optional.of(empty), file.read());
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void findsNothingWhereNothingWasWritten(@TempDir Path directory) throws IOException {
        assertEquals(Optional.empty(), new StateFile(directory.resolve("none")).read());
    }

    @Test
    void refusesEveryTruncationAndForeignFiles(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("state");
        StateFile file = new StateFile(path);
        file.write(WORLD);
        byte[] bytes = Files.readAllBytes(path);
        for (int length = 0; length < bytes.length; length++) {
            Files.write(path, Arrays.copyOf(bytes, length));
            assertThrows(IOException.class, file::read);
        }
        Files.writeString(path, "something else altogether");
        assertThrows(IOException.class, file::read);
    }

    @Test
    void survivesEveryFlippedByte(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("state");
        StateFile file = new StateFile(path);
        file.write(WORLD);
        byte[] bytes = Files.readAllBytes(path);
        for (int at = 0; at < bytes.length; at++) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= (byte) 0xff;
            Files.write(path, damaged);
            try {
                file.read();
            } catch (IOException e) {
                continue; // refused, as it should be where it shows
            }
        }
    }
}
