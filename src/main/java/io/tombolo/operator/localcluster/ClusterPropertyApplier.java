package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.tombolo.api.mcs.ClusterProperty;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Applier;
import java.util.Map;

/** What others ask of a cluster (KEP-2149): its ID, and the clusterset it is in. */
final class ClusterPropertyApplier {
    private static final Map<String, String> CLUSTERSET = Map.of("clusterset.k8s.io", "clusterset");

    private ClusterPropertyApplier() {}

    static void apply(Applier applier, LocalCluster cluster) {
        apply(applier, cluster, ClusterProperty.CLUSTER_ID, cluster.getSpec().clusterId());
        CLUSTERSET.forEach((name, value) -> apply(applier, cluster, name, value));
    }

    private static void apply(Applier applier, LocalCluster cluster, String name, String value) {
        ClusterProperty property = new ClusterProperty();
        property.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withOwnerReferences(Ownership.of(cluster))
                .build());
        property.setSpec(new ClusterProperty.Spec(value));
        applier.apply(property);
    }
}
