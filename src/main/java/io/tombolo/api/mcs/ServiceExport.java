package io.tombolo.api.mcs;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Version;
import io.tombolo.api.v1alpha1.ApiObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The Service of the same name is exported to the clusterset. */
@Group("multicluster.x-k8s.io")
@Version("v1beta1")
public final class ServiceExport extends CustomResource<ServiceExport.Spec, ServiceExport.Status>
        implements Namespaced {
    private static final long serialVersionUID = 1L;

    /** What the imports shall carry; nothing of the Service's own labels and annotations is exported. */
    @ApiObject
    public record Spec(
            @Nullable Map<String, String> exportedLabels,
            @Nullable Map<String, String> exportedAnnotations) {}

    /** Conditions {@code Valid}, {@code Ready}, {@code Conflict}. */
    @ApiObject
    public record Status(@Nullable List<Condition> conditions) {}
}
