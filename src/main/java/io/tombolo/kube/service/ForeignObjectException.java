package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Somebody else's object stands where ours would be. It stays; ours is not made. */
public final class ForeignObjectException extends Exception {
    private static final long serialVersionUID = 1L;

    /** @param wanted what we would make in its place */
    ForeignObjectException(HasMetadata wanted) {
        super(wanted.getKind() + " " + wanted.getMetadata().getNamespace() + "/"
                + wanted.getMetadata().getName() + " exists and is not ours; rename or delete it");
    }
}
