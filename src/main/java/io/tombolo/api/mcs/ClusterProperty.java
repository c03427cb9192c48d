package io.tombolo.api.mcs;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.Version;
import io.tombolo.api.v1alpha1.ApiObject;

/** A named fact about this cluster (KEP-2149). */
@Group("about.k8s.io")
@Version("v1beta1")
@Plural("clusterproperties")
public final class ClusterProperty extends CustomResource<ClusterProperty.Spec, Void> {
    private static final long serialVersionUID = 1L;

    /** Name of the property that holds the cluster ID. */
    public static final String CLUSTER_ID = "cluster.clusterset.k8s.io";

    @ApiObject
    public record Spec(String value) {}
}
