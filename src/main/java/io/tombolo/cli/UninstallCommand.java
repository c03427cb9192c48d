package io.tombolo.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Installation;
import io.tombolo.kube.ObjectNames;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Takes Tombolo out of a cluster, in order: links, the cluster's own object (what it owns goes with it, the operator
 * unwires the cluster DNS), the agents once they have cleaned their nodes, then the installation. Every wait has a limit,
 * so it never hangs; what could not be waited for is said.
 */
@Command(
        name = "uninstall",
        mixinStandardHelpOptions = true,
        description = "Removes Tombolo from this cluster, nodes and cluster DNS included.",
        footer = {
            "",
            "GlobalServices go, ServiceExports that people made and the CRDs of the Multi-Cluster Services API stay.",
            "Back up Secrets tombolo-identity and tombolo-gateway first if the cluster shall come back as itself."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:all is gone",
            "1:something is left; it is named",
            "3:the API server cannot be reached or refuses"
        })
final class UninstallCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofMillis(200);

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = {"-y", "--yes"},
            description = "Do not ask.")
    private boolean yes;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait for each step (default: ${DEFAULT-VALUE}).")
    private int timeout;

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    private boolean left;

    @Override
    public Integer call() throws NotDoneException {
        try (KubernetesClient client = cluster.client()) {
            Installation installation = new Installation(client, ObjectNames.NAMESPACE);
            confirm(client);
            installation.deleteLinks();
            await("links deleted", () -> installation.links().isEmpty());
            installation.deleteGlobalServices();
            await("shared Services withdrawn", () -> installation.ownedExports().isEmpty());
            // the agents act on the watch of what this owns; the operator sees it go and unwires the cluster DNS
            installation.deleteLocalCluster();
            await("imports, slices and derived Services gone", () -> installation.importedSlices() == 0);
            if (!await("cluster DNS restored", () -> !installation.isDnsWired(), Duration.ofSeconds(5))) {
                installation.unwireDns();
                say("the operator did not answer; cluster DNS restored from here");
            }
            await(
                    "agents have cleaned their nodes",
                    () -> installation.agentPods().isEmpty());
            installation.deleteInstallation();
            await("installation gone", installation::isGone);
            return left ? TomboloCommand.NOT_DONE : 0;
        }
    }

    private void confirm(KubernetesClient client) throws NotDoneException {
        if (yes) {
            return;
        }
        LocalCluster local = client.resources(LocalCluster.class)
                .withName(ObjectNames.LOCAL_CLUSTER)
                .get();
        String id = local == null ? "tombolo" : local.getSpec().clusterId();
        Console console = System.console();
        String answer = console == null
                ? null
                : console.readLine("This removes Tombolo from cluster %s. Type %s to go on: ", id, id);
        if (!id.equals(answer)) {
            throw new NotDoneException(
                    console == null ? "not a terminal: say --yes to remove Tombolo from " + id : "not removed");
        }
    }

    private void await(String what, BooleanSupplier fact) {
        if (!await(what, fact, Duration.ofSeconds(timeout))) {
            left = true;
            say("not within " + timeout + " s: " + what + "; going on. kubectl -n " + ObjectNames.NAMESPACE
                    + " get pods -o wide shows where");
        }
    }

    private boolean await(String what, BooleanSupplier fact, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        while (!fact.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        say(what);
        return true;
    }

    private void say(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
