package io.tombolo.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Clients;
import io.tombolo.kube.ObjectNames;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster a command speaks to. */
final class ClusterOptions {
    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "The kubeconfig context (default: the current one).")
    private @Nullable String context;

    KubernetesClient client() {
        return Clients.forContext(context, "cli");
    }

    /** @throws NotDoneException where Tombolo is not set up in this cluster */
    static LocalCluster localCluster(KubernetesClient client) throws NotDoneException {
        LocalCluster local = client.resources(LocalCluster.class)
                .withName(ObjectNames.LOCAL_CLUSTER)
                .get();
        if (local == null) {
            throw new NotDoneException("this cluster has no LocalCluster; say who it is:\n"
                    + "  kubectl apply -f - <<< '{apiVersion: tombolo.io/v1alpha1, kind: LocalCluster,"
                    + " metadata: {name: local}, spec: {clusterId: <name>}}'");
        }
        return local;
    }
}
