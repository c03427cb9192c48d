package io.tombolo.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.problem.Problem;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Kubernetes Events: one for each change that somebody should hear of, however many passes see it. */
public final class Events {
    private static final Logger LOG = Logger.getLogger(Events.class.getName());
    /** Longest message the API takes for an Event. */
    private static final int MAX_MESSAGE = 1024;

    /** More objects than this are not remembered; a pass that runs before its own write comes back may repeat itself then. */
    private static final int MOST_TOLD = 10_000;

    private final KubernetesClient client;
    /** By UID and type of condition, the status and reason that was told last. */
    private final Map<String, String> told = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MOST_TOLD;
        }
    };

    public Events(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Tells where {@code Ready} changed its status or its reason, and where something is not {@code Accepted} that
     * {@code Ready} does not tell of. A condition that does not know says nothing.
     *
     * @param before as the object was read, which may be older than what was told last
     */
    public void tellOfChange(HasMetadata about, @Nullable List<Condition> before, @Nullable List<Condition> after) {
        Condition ready = Conditions.find(after, Conditions.READY);
        Condition accepted = Conditions.find(after, Conditions.ACCEPTED);
        if (ready != null && !"Unknown".equals(ready.getStatus()) && isNews(about, before, ready)) {
            boolean healthy = Problem.ofReason(ready.getReason()).isEmpty();
            write(about, healthy, ready.getReason(), ready.getMessage());
        }
        if (accepted != null
                && isNews(about, before, accepted)
                && "False".equals(accepted.getStatus())
                && (ready == null || !accepted.getReason().equals(ready.getReason()))) {
            write(about, false, accepted.getReason(), accepted.getMessage());
        }
    }

    private synchronized boolean isNews(HasMetadata about, @Nullable List<Condition> before, Condition now) {
        String last = told.put(about.getMetadata().getUid() + " " + now.getType(), word(now));
        Condition old = Conditions.find(before, now.getType());
        return !word(now).equals(last == null && old != null ? word(old) : last);
    }

    private static String word(Condition condition) {
        return condition.getStatus() + " " + condition.getReason();
    }

    private void write(HasMetadata about, boolean healthy, String reason, String message) {
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
