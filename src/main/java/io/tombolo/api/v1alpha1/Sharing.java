package io.tombolo.api.v1alpha1;

import io.fabric8.kubernetes.api.model.LabelSelector;
import org.jspecify.annotations.Nullable;

/** The admin's veto: which namespaces may export, which may import. What is absent allows every namespace. */
@ApiObject
public record Sharing(
        @Nullable Namespaces exports, @Nullable Namespaces imports) {

    /** @param namespaceSelector matched against the labels of namespaces of this cluster; an empty one matches all */
    @ApiObject
    public record Namespaces(@Nullable LabelSelector namespaceSelector) {}
}
