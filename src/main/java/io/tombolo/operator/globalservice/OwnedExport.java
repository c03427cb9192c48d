package io.tombolo.operator.globalservice;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.v1alpha1.GlobalService;
import java.net.HttpURLConnection;
import java.util.Objects;

/** The ServiceExport that a GlobalService owns. One that stood there already is its maker's, and stays as it is. */
final class OwnedExport {
    private final KubernetesClient client;

    OwnedExport(KubernetesClient client) {
        this.client = client;
    }

    /** What stands there after {@link #ensure}. */
    enum State {
        NONE,
        OURS,
        SOMEBODY_ELSES
    }

    /** @param wanted whether the Service shall be exported because of this GlobalService */
    State ensure(GlobalService service, boolean wanted) {
        ServiceExport found = client.resources(ServiceExport.class)
                .inNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .get();
        if (found != null && !isOwned(found, service)) {
            return State.SOMEBODY_ELSES;
        }
        if (found != null && !wanted) {
            client.resource(found).delete();
            return State.NONE;
        }
        if (found != null) {
            return State.OURS;
        }
        return wanted ? create(service) : State.NONE;
    }

    private State create(GlobalService service) {
        try {
            // create, not apply: an export that somebody makes in this very moment is not ours
            client.resource(desired(service)).create();
            return State.OURS;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                return State.SOMEBODY_ELSES;
            }
            throw e;
        }
    }

    static ServiceExport desired(GlobalService service) {
        ServiceExport export = new ServiceExport();
        export.setMetadata(new ObjectMetaBuilder()
                .withNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(service.getApiVersion())
                        .withKind(service.getKind())
                        .withName(service.getMetadata().getName())
                        .withUid(service.getMetadata().getUid())
                        .withController(true)
                        .withBlockOwnerDeletion(false)
                        .build())
                .build());
        return export;
    }

    private static boolean isOwned(ServiceExport export, GlobalService service) {
        return export.getMetadata().getOwnerReferences().stream()
                .anyMatch(o -> Boolean.TRUE.equals(o.getController())
                        && Objects.equals(o.getUid(), service.getMetadata().getUid()));
    }
}
