package io.tombolo;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a process of this image can be. */
enum Role {
    OPERATOR,
    GATEWAY,
    NODE,
    DNS,
    CLI;

    static Optional<Role> named(String name) {
        return Arrays.stream(values()).filter(r -> r.toString().equals(name)).findFirst();
    }

    /** As it stands on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
