package io.tombolo.cli;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.kube.ApiProblems;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code kubectl tombolo}. */
@Command(
        name = "kubectl tombolo",
        mixinStandardHelpOptions = true,
        versionProvider = VersionProvider.class,
        description = "Links Kubernetes clusters and shares Services across them.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:not done; the message says why and what to do",
            "2:wrong usage",
            "3:the API server cannot be reached or refuses the request"
        },
        subcommands = {
            InviteCommand.class,
            StatusCommand.class,
            FingerprintCommand.class,
            RotateCommand.class,
            UninstallCommand.class
        })
public final class TomboloCommand implements Runnable {
    static final int NOT_DONE = 1;
    static final int USAGE = 2;
    static final int API = 3;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    /** Runs one command line; returns the exit code of the list above. */
    public static int run(List<String> args) {
        return new CommandLine(new TomboloCommand())
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    line.getErr().println(line.getColorScheme().errorText("tombolo: " + message(e)));
                    return e instanceof KubernetesClientException ? API : NOT_DONE;
                })
                .execute(args.toArray(String[]::new));
    }

    private static String message(Exception e) {
        return e instanceof KubernetesClientException api ? ApiProblems.explain(api) : String.valueOf(e.getMessage());
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
    }
}
