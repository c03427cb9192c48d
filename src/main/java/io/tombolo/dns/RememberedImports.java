package io.tombolo.dns;

import io.tombolo.dns.zone.ImportedService;
import io.tombolo.net.NamespacedName;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The world as it was when it was last written down. */
record RememberedImports(Surroundings surroundings, Map<NamespacedName, ImportedService> services) implements Imports {
    RememberedImports {
        services = Map.copyOf(services);
    }

    @Override
    public boolean isSynced() {
        return true;
    }

    @Override
    public Set<NamespacedName> names() {
        return services.keySet();
    }

    @Override
    public Optional<ImportedService> read(NamespacedName name) {
        return Optional.ofNullable(services.get(name));
    }
}
