package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.kube.ObjectNames;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Kubernetes Events: one for each change that somebody should hear of. The caller knows what changed. */
public final class Events {
    private static final Logger LOG = Logger.getLogger(Events.class.getName());
    /** Longest message the API takes for an Event. */
    private static final int MAX_MESSAGE = 1024;

    private final KubernetesClient client;

    public Events(KubernetesClient client) {
        this.client = client;
    }

    /** Writes one. @param healthy {@code Normal}, else {@code Warning} */
    public void write(HasMetadata about, boolean healthy, String reason, String message) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        String namespace = about.getMetadata().getNamespace() == null
                ? "default" // where Events about cluster-scoped objects live
                : about.getMetadata().getNamespace();
        try {
            client.resource(new EventBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withGenerateName(about.getMetadata().getName() + ".")
                            .endMetadata()
                            .withNewInvolvedObject()
                            .withApiVersion(about.getApiVersion())
                            .withKind(about.getKind())
                            .withName(about.getMetadata().getName())
                            .withNamespace(about.getMetadata().getNamespace())
                            .withUid(about.getMetadata().getUid())
                            .endInvolvedObject()
                            .withType(healthy ? "Normal" : "Warning")
                            .withReason(reason)
                            .withMessage(message.length() > MAX_MESSAGE ? message.substring(0, MAX_MESSAGE) : message)
                            .withFirstTimestamp(now)
                            .withLastTimestamp(now)
                            .withCount(1)
                            .withReportingComponent(ObjectNames.OPERATOR)
                            .withNewSource()
                            .withComponent(ObjectNames.OPERATOR)
                            .endSource()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            // the condition says the same; an Event that cannot be written must not stop the pass
            LOG.log(Level.WARNING, "no event {0} for {1}: {2}", new Object[] {
                reason, about.getMetadata().getName(), e.getMessage()
            });
        }
    }
}
