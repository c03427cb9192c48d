package io.tombolo.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Kubernetes clients: one per process. */
public final class Clients {
    private static final int TIMEOUT_MILLIS = 10_000;

    private Clients() {}

    /** The client of a role inside the cluster, or of the current kubeconfig outside. */
    public static KubernetesClient forRole(String role) {
        return forContext(null, role);
    }

    /** The client of a kubeconfig context; {@code null}: the current one. */
    public static KubernetesClient forContext(@Nullable String context, String role) {
        Config config = new ConfigBuilder(Config.autoConfigure(context))
                .withUserAgent("tombolo-" + role)
                .withRequestTimeout(TIMEOUT_MILLIS)
                .withConnectionTimeout(TIMEOUT_MILLIS)
                .withWatchReconnectLimit(0) // Watched makes a new one, and must know that the old one broke
                .build();
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }
}
