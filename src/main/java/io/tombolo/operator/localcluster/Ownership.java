package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.tombolo.api.v1alpha1.LocalCluster;
import java.util.ArrayList;
import java.util.List;

/** Everything of ours goes with its LocalCluster, by the garbage collector, with the operator long dead. */
final class Ownership {
    private Ownership() {}

    static OwnerReference of(LocalCluster owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(false) // a foreground deletion must not wait for pods on dead nodes
                .build();
    }

    /**
     * Makes {@code owner} the owner where it is not: a Secret restored from a backup names the LocalCluster that was.
     *
     * @return whether something changed
     */
    static boolean claim(HasMetadata object, LocalCluster owner) {
        OwnerReference wanted = of(owner);
        List<OwnerReference> before = object.getMetadata().getOwnerReferences() == null
                ? List.of()
                : object.getMetadata().getOwnerReferences();
        if (before.contains(wanted)) {
            return false;
        }
        List<OwnerReference> after = new ArrayList<>(before);
        after.removeIf(
                o -> o.getKind().equals(wanted.getKind()) && o.getApiVersion().equals(wanted.getApiVersion()));
        after.add(wanted);
        object.getMetadata().setOwnerReferences(after);
        return true;
    }
}
