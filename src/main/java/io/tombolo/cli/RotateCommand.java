package io.tombolo.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ObjectNames;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** New lane keys now, whatever {@code spec.keys.rotationHours} says. */
@Command(
        name = "rotate",
        mixinStandardHelpOptions = true,
        description = "Has every gateway of this cluster change to a new lane key, one after the other.",
        footer = {
            "",
            "The link carries on meanwhile. A peer that does not follow is named by its ClusterLink; where it has not",
            "followed when keys are rotated again, a minute later at the earliest, the key that it knows goes without it."
        })
final class RotateCommand implements Callable<Integer> {
    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() throws NotDoneException {
        try (KubernetesClient client = cluster.client()) {
            ClusterOptions.localCluster(client);
            client.resources(LocalCluster.class)
                    .withName(ObjectNames.LOCAL_CLUSTER)
                    .patch(
                            new PatchContext.Builder()
                                    .withPatchType(PatchType.JSON_MERGE)
                                    .build(),
                            "{\"metadata\":{\"annotations\":{\""
                                    + ObjectNames.ROTATE_ANNOTATION
                                    + "\":\""
                                    + Instant.now().truncatedTo(ChronoUnit.MILLIS)
                                    + "\"}}}");
            spec.commandLine()
                    .getOut()
                    .println("asked for; `kubectl get localcluster local -o yaml` shows keySince of each gateway");
            return 0;
        }
    }
}
