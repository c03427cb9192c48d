package io.tombolo;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What a process of this image can be. The first argument picks one; each role parses the rest itself. */
enum Role {
    OPERATOR,
    GATEWAY,
    NODE,
    DNS,
    CLI;

    static Optional<Role> named(String name) {
        return List.of(values()).stream()
                .filter(r -> r.name().toLowerCase(Locale.ROOT).equals(name))
                .findFirst();
    }
}
