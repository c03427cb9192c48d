package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/**
 * Server-side apply under one field manager: what is applied is what we own, what we leave out is somebody else's or goes.
 * Conflicts are forced, because each of our fields has one writer (design: one writer per object).
 */
public final class Applier {
    private final KubernetesClient client;
    private final PatchContext context;

    public Applier(KubernetesClient client, String fieldManager) {
        this.client = client;
        this.context = new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(fieldManager)
                .withForce(true)
                .build();
    }

    /**
     * Applies everything but the status.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException with the API's own words where it refuses
     */
    public <T extends HasMetadata> T apply(T object) {
        return client.resource(object).patch(context, object);
    }

    /** Applies the status alone: {@code object} needs its name, kind and the status' own fields only. */
    public <T extends HasMetadata> T applyStatus(T object) {
        return client.resource(object).subresource("status").patch(context, object);
    }
}
