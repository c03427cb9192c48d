package io.tombolo.dns;

import io.tombolo.dns.zone.ImportedService;
import io.tombolo.net.NamespacedName;
import java.util.Optional;
import java.util.Set;

/** The world as it is now: what is imported, and what surrounds it. */
interface Imports {
    /** Whether all of it is known; before, what is absent says nothing. */
    boolean isSynced();

    Set<NamespacedName> names();

    /** Empty where it is not imported. */
    Optional<ImportedService> read(NamespacedName name);

    Surroundings surroundings();
}
