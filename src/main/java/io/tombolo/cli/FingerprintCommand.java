package io.tombolo.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.net.IdentityKey;
import io.tombolo.trust.Fingerprint;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Identities as words: what one cluster prints of itself must be what the other prints of it. */
@Command(
        name = "fingerprint",
        mixinStandardHelpOptions = true,
        description = "Prints the identity of this cluster and of each peer as words, to compare by voice.")
final class FingerprintCommand implements Callable<Integer> {
    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    /** @param self whether it is this cluster's own */
    record Line(String cluster, boolean self, String identity, String words) {}

    @Override
    public Integer call() throws NotDoneException {
        try (KubernetesClient client = cluster.client()) {
            LocalCluster local = ClusterOptions.localCluster(client);
            List<Line> lines = new ArrayList<>();
            Optional.ofNullable(local.getStatus())
                    .map(s -> s.invitation())
                    .map(i -> i.identity())
                    .ifPresent(i -> lines.add(line(local.getSpec().clusterId(), true, i)));
            client.resources(ClusterLink.class).list().getItems().stream()
                    .sorted((a, b) ->
                            a.getMetadata().getName().compareTo(b.getMetadata().getName()))
                    .forEach(l -> l.getSpec()
                            .identities()
                            .forEach(i -> lines.add(line(l.getMetadata().getName(), false, i))));
            print(lines);
            return 0;
        }
    }

    private static Line line(String cluster, boolean self, String identity) {
        return new Line(cluster, self, identity, Fingerprint.of(IdentityKey.parse(identity)));
    }

    private void print(List<Line> lines) {
        PrintWriter out = spec.commandLine().getOut();
        if (output.format() == Format.text) {
            lines.forEach(l -> out.printf("%-20s %s%n", l.cluster() + (l.self() ? " (this)" : ""), l.words()));
        } else {
            out.print(output.format().print(lines));
        }
        out.flush();
    }
}
