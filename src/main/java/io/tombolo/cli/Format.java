package io.tombolo.cli;

import io.fabric8.kubernetes.client.utils.Serialization;

/** How a result is printed. */
enum Format {
    text,
    yaml,
    json;

    /** The value as YAML or JSON; text is the caller's own. */
    String print(Object value) {
        return this == json ? Serialization.asJson(value) : Serialization.asYaml(value);
    }
}
