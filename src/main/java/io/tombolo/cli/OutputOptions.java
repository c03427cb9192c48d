package io.tombolo.cli;

import picocli.CommandLine.Option;

/** How a command prints its result. */
final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text, yaml or json (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    Format format() {
        return format;
    }
}
