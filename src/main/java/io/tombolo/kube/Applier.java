package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Deletable;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.function.BooleanSupplier;

/**
 * Server-side apply under one field manager: what is applied is what we own, what we leave out is somebody else's or goes.
 * Conflicts are forced, because each of our fields has one writer (design: one writer per object).
 */
public final class Applier {
    private final KubernetesClient client;
    private final PatchContext context;
    private final BooleanSupplier writes;

    public Applier(KubernetesClient client, String fieldManager) {
        this(client, fieldManager, () -> true);
    }

    /** @param writes asked before each write: false where somebody else may write by now */
    public Applier(KubernetesClient client, String fieldManager, BooleanSupplier writes) {
        this.client = client;
        this.writes = writes;
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
     * @throws NotTheWriterException where it is not ours to write
     */
    public <T extends HasMetadata> T apply(T object) {
        check(object);
        return client.resource(object).patch(context, object);
    }

    /** Applies the status alone: {@code object} needs its name, kind and the status' own fields only. */
    public <T extends HasMetadata> T applyStatus(T object) {
        check(object);
        return client.resource(object).subresource("status").patch(context, object);
    }

    /** Makes the object; the API says so, by code 409, where one stands. */
    public <T extends HasMetadata> T create(T object) {
        check(object);
        return client.resource(object).create();
    }

    /** Puts the object in place of the resource version that it names: for kinds of which every field is ours. */
    public <T extends HasMetadata> T replace(T object) {
        check(object);
        return client.resource(object).update();
    }

    /** Deletes the object as it was seen: of another resource version nothing is deleted, and the API says so. */
    public void delete(HasMetadata seen) {
        check(seen);
        client.resource(seen)
                .lockResourceVersion(seen.getMetadata().getResourceVersion())
                .delete();
    }

    /**
     * Deletes all of them in one request. None is locked: for what whoever wants it makes anew.
     *
     * @param what for the message
     */
    public void deleteAll(Deletable chosen, String what) {
        check(what);
        chosen.delete();
    }

    private void check(HasMetadata object) {
        check(object.getKind() + " " + object.getMetadata().getName());
    }

    private void check(String what) {
        if (!writes.getAsBoolean()) {
            throw new NotTheWriterException(what);
        }
    }
}
