package io.tombolo.dns;

import io.tombolo.dns.server.ServedZone;
import io.tombolo.dns.server.SourceRanges;
import io.tombolo.dns.zone.ImportedService;
import io.tombolo.dns.zone.Zone;
import io.tombolo.net.NamespacedName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the zone in force equal to the world. A service that changed is read again whole, whatever happened to it; when
 * what surrounds the services changes, all are. Until everything is known the zone stays as it was: a world half seen
 * would take names away.
 *
 * <p>{@link #touch} comes from any thread, {@link #pass} from one.
 */
final class ZoneKeeper {
    private static final int PORTION = 256;

    private final ServedZone served;
    private final int ttl;
    private final IntSupplier serials;
    private final Set<NamespacedName> touched = ConcurrentHashMap.newKeySet();
    private final Set<NamespacedName> known = new HashSet<>();
    private @Nullable Surroundings surroundings;
    private volatile boolean following;
    private volatile int services;

    /**
     * @param ttl seconds, 0-30
     * @param serials each call gives a serial above the one before
     */
    ZoneKeeper(ServedZone served, int ttl, IntSupplier serials) {
        this.served = served;
        this.ttl = ttl;
        this.serials = serials;
    }

    /** Says that a service may have changed. */
    void touch(NamespacedName service) {
        touched.add(service);
    }

    /** Whether the zone follows the API server; false: it is absent, or of before. */
    boolean isFollowing() {
        return following;
    }

    /** Brings the zone up to the world. @return whether it changed */
    boolean pass(Imports imports) {
        if (!imports.isSynced()) {
            following = false;
            return false;
        }
        Surroundings now = imports.surroundings();
        Zone zone = served.zone();
        if (!following || zone == null || !now.equals(surroundings)) {
            touched.clear();
            rebuild(imports, now);
            return true;
        }
        Set<NamespacedName> names = Set.copyOf(touched);
        if (names.isEmpty()) {
            return false;
        }
        touched.removeAll(names); // before they are read: what changes from here on is touched again
        Map<NamespacedName, Optional<ImportedService>> changes = new HashMap<>();
        for (NamespacedName name : names) {
            Optional<ImportedService> service = imports.read(name);
            changes.put(name, service);
            if (service.isPresent()) {
                known.add(name);
            } else {
                known.remove(name);
            }
        }
        services = known.size();
        served.serve(zone.with(changes, now::isLive, serials.getAsInt()));
        return true;
    }

    /** Serves a world remembered from before, until the real one is known. */
    void serveRemembered(RememberedImports remembered) {
        rebuild(remembered, remembered.surroundings());
        following = false;
    }

    /** How many services are imported. */
    int services() {
        return services;
    }

    /** By portions: what is read of the world lives no longer than it takes to put it into the zone. */
    private void rebuild(Imports imports, Surroundings now) {
        known.clear();
        Zone zone = Zone.empty(ttl, serials.getAsInt(), now.nameServer());
        Map<NamespacedName, Optional<ImportedService>> portion = new HashMap<>();
        for (NamespacedName name : imports.names()) {
            imports.read(name).ifPresent(service -> {
                known.add(name);
                portion.put(name, Optional.of(service));
            });
            if (portion.size() == PORTION) {
                zone = zone.with(portion, now::isLive, zone.serial());
                portion.clear();
            }
        }
        services = known.size();
        served.answerOnly(new SourceRanges(now.sources()));
        served.serve(zone.with(portion, now::isLive, serials.getAsInt()));
        surroundings = now;
        following = true;
    }
}
