package io.tombolo.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.dns.server.ServedZone;
import io.tombolo.dns.zone.ImportedService;
import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import io.tombolo.net.Cidr;
import io.tombolo.net.NamespacedName;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ZoneKeeperTest {
    private final World world = new World();
    private final ServedZone served = new ServedZone();
    private int serial = 100;
    private final ZoneKeeper keeper = new ZoneKeeper(served, 5, () -> ++serial);

    @Test
    void servesNothingBeforeEverythingIsKnown() {
        world.synced = false;
        world.put(Zones.clusterSetIp("shop", "web", List.of("10.43.0.10"), Zones.HTTP));
        assertFalse(keeper.pass(world));
        assertNull(served.zone());
        world.synced = true;
        assertTrue(keeper.pass(world));
        assertEquals(Set.of("web"), servicesOf("shop"));
    }

    @Test
    void followsWhatIsAddedChangedAndRemoved() {
        keeper.pass(world);
        int before = zone().serial();
        touch(Zones.headless("shop", "db", Zones.endpoint("east", "10.52.0.1", "")));
        assertTrue(keeper.pass(world));
        assertEquals(Set.of("db"), servicesOf("shop"));
        assertTrue(zone().serial() > before);
        touch(Zones.headless("shop", "db"));
        keeper.pass(world);
        assertEquals(Set.of(), servicesOf("shop"));
        assertEquals(0, zone().namespaces());
        world.services.clear();
        keeper.touch(new NamespacedName("shop", "db"));
        keeper.pass(world);
        assertEquals(0, keeper.services());
    }

    @Test
    void doesNothingWhereNothingWasTouched() {
        keeper.pass(world);
        Zone zone = zone();
        assertFalse(keeper.pass(world));
        assertSame(zone, zone());
    }

    @Test
    @DisplayName("D26: without any cluster headless services are gone, those with a clusterset IP are not")
    void takesADeadClusterOutAndPutsItBack() {
        world.put(Zones.headless("shop", "db", Zones.endpoint("east", "10.52.0.1", "")));
        world.put(Zones.clusterSetIp("shop", "web", List.of("10.43.0.10"), Zones.HTTP));
        keeper.pass(world);
        world.surroundings = surroundings(Set.of("east"), Set.of("east"));
        assertTrue(keeper.pass(world));
        assertEquals(Set.of("web"), servicesOf("shop"));
        world.surroundings = surroundings(Set.of("east"), Set.of());
        keeper.pass(world);
        assertEquals(Set.of("db", "web"), servicesOf("shop"));
        world.surroundings = surroundings(Set.of(), Set.of());
        keeper.pass(world);
        assertEquals(Set.of("web"), servicesOf("shop"));
    }

    @Test
    @DisplayName("D25: also a zone made anew replaces the old one whole")
    void neverShowsAZoneHalfMade() throws Exception {
        for (int i = 0; i < 200; i++) {
            world.put(Zones.clusterSetIp("shop", i == 0 ? "web" : "web-" + i, List.of("10.43.0.10"), Zones.HTTP));
        }
        keeper.pass(world);
        AtomicInteger gaps = new AtomicInteger();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!Thread.currentThread().isInterrupted()) {
                gaps.addAndGet(
                        1 - Zones.services(zone(), "shop", List.of("web")).size());
            }
        });
        for (int i = 0; i < 300; i++) {
            world.surroundings = surroundings(Set.of("east"), i % 2 == 0 ? Set.of("east") : Set.of());
            assertTrue(keeper.pass(world));
        }
        reader.interrupt();
        reader.join();
        assertEquals(0, gaps.get());
    }

    @Test
    void keepsTheZoneWhileAWatchIsAwayAndRebuildsItAfter() {
        world.put(Zones.clusterSetIp("shop", "web", List.of("10.43.0.10"), Zones.HTTP));
        keeper.pass(world);
        world.synced = false;
        world.services.clear();
        keeper.touch(new NamespacedName("shop", "web"));
        keeper.pass(world);
        assertFalse(keeper.isFollowing());
        assertEquals(Set.of("web"), servicesOf("shop"));
        world.synced = true; // what went meanwhile nobody has touched
        assertTrue(keeper.pass(world));
        assertEquals(Set.of(), servicesOf("shop"));
    }

    @Test
    void servesWhatItRemembersUntilTheWorldIsKnown() {
        ImportedService db = Zones.headless("shop", "db", Zones.endpoint("east", "10.52.0.1", ""));
        keeper.serveRemembered(new RememberedImports(world.surroundings, Map.of(db.name(), db)));
        assertEquals(Set.of("db"), servicesOf("shop"));
        assertFalse(keeper.isFollowing());
        assertEquals(List.of(Cidr.parse("10.42.0.0/16")), served.sources().ranges());
        keeper.pass(world);
        assertTrue(keeper.isFollowing());
        assertEquals(Set.of(), servicesOf("shop"));
    }

    @Test
    void countsOnlyKnownDeadClustersAsDead() {
        Surroundings known = surroundings(Set.of("east", "north"), Set.of("north"));
        assertTrue(known.isLive("west"));
        assertTrue(known.isLive("east"));
        assertFalse(known.isLive("north"));
        assertFalse(known.isLive("stranger"));
        Surroundings unknown = new Surroundings(Optional.empty(), Set.of(), Set.of(), List.of(), List.of());
        assertTrue(unknown.isLive("west"));
        assertNotEquals(known, unknown);
    }

    private void touch(ImportedService service) {
        world.put(service);
        keeper.touch(service.name());
    }

    private Zone zone() {
        Zone zone = served.zone();
        assertNotNull(zone);
        return zone;
    }

    private Set<String> servicesOf(String namespace) {
        return Zones.services(zone(), namespace, List.of("web", "db"));
    }

    static Surroundings surroundings(Set<String> linked, Set<String> dead) {
        return new Surroundings(
                Optional.of("west"),
                linked,
                dead,
                List.of(Cidr.parse("10.42.0.0/16")),
                List.of(InetAddress.ofLiteral("10.43.0.53")));
    }

    /** A world in memory. */
    private static final class World implements Imports {
        boolean synced = true;
        Surroundings surroundings = ZoneKeeperTest.surroundings(Set.of("east"), Set.of());
        final Map<NamespacedName, ImportedService> services = new HashMap<>();

        void put(ImportedService service) {
            services.put(service.name(), service);
        }

        @Override
        public boolean isSynced() {
            return synced;
        }

        @Override
        public Set<NamespacedName> names() {
            return Set.copyOf(services.keySet());
        }

        @Override
        public Optional<ImportedService> read(NamespacedName name) {
            return Optional.ofNullable(services.get(name));
        }

        @Override
        public Surroundings surroundings() {
            return surroundings;
        }
    }
}
