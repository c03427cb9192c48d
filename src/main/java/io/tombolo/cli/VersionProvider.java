package io.tombolo.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of the jar. */
final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = VersionProvider.class.getPackage().getImplementationVersion();
        return new String[] {"tombolo " + (version == null ? "(development)" : version)};
    }
}
