package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.StateDirectory;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Transport;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.firewall.ServiceSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a gateway's filter lets in before all is heard. */
final class ExposureKeeperTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final ClusterId NORTH = new ClusterId("north");
    private static final Set<ClusterId> PEERS = Set.of(EAST, NORTH);
    private static final ServiceSocket WEB = new ServiceSocket(Addresses.parse("10.52.1.7"), Transport.TCP, 80);

    @TempDir
    private Path directory = Path.of(".");

    private ExposureKeeper keeper() throws IOException {
        return new ExposureKeeper(StateDirectory.open(directory));
    }

    @Test
    void aPeerIsKnownOnceItWasHeardWholeAndOursIsListed() throws IOException {
        ExposureKeeper keeper = keeper();
        assertFalse(
                keeper.merge(Optional.empty(), Map.of(EAST, Set.of(WEB)), PEERS).knows(EAST));
        Exposure half = keeper.merge(Optional.of(Map.of(EAST, Set.of(), NORTH, Set.of())), Map.of(), PEERS);
        assertTrue(half.knows(EAST));
        assertFalse(half.knows(NORTH));
    }

    @Test
    void whatWasKnownIsKnownAfterARestartAlsoWhereNothingIsShared() throws IOException {
        keeper().merge(
                        Optional.of(Map.of(EAST, Set.of(WEB), NORTH, Set.of())),
                        Map.of(EAST, Set.of(), NORTH, Set.of()),
                        PEERS);
        Exposure after = keeper().merge(Optional.empty(), Map.of(), PEERS);
        assertTrue(after.knows(EAST));
        assertTrue(after.knows(NORTH));
        assertEquals(Map.of(EAST, Set.of(WEB), NORTH, Set.of()), after.exported());
    }
}
