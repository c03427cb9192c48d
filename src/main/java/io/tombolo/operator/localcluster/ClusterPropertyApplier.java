package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.tombolo.api.mcs.ClusterProperty;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Applier;
import java.time.InstantSource;
import java.util.Map;

/** What others ask of a cluster (KEP-2149): its ID, and the clusterset it is in. */
final class ClusterPropertyApplier {
    private static final Map<String, String> CLUSTERSET = Map.of("clusterset.k8s.io", "clusterset");

    private final Applier applier;
    private final Lately<Owned> applied;

    /** @param uid of the LocalCluster that owns them */
    private record Owned(String uid, String clusterId) {}

    ClusterPropertyApplier(Applier applier, InstantSource clock) {
        this.applier = applier;
        this.applied = new Lately<>(clock);
    }

    void apply(LocalCluster cluster) {
        Owned owned =
                new Owned(cluster.getMetadata().getUid(), cluster.getSpec().clusterId());
        if (applied.did(owned)) {
            return;
        }
        apply(cluster, ClusterProperty.CLUSTER_ID, owned.clusterId());
        CLUSTERSET.forEach((name, value) -> apply(cluster, name, value));
        applied.done(owned);
    }

    private void apply(LocalCluster cluster, String name, String value) {
        ClusterProperty property = new ClusterProperty();
        property.setMetadata(new ObjectMetaBuilder()
                .withName(name)
                .withOwnerReferences(Ownership.of(cluster))
                .build());
        property.setSpec(new ClusterProperty.Spec(value));
        applier.apply(property);
    }
}
