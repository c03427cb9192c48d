package io.tombolo.plan.service;

import io.tombolo.net.NamespacedName;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.Optional;
import java.util.Set;

/** Services that belong to each cluster itself: nobody exports them, and nobody else's stand in for them. */
public final class ReservedServices {
    /** As in {@code deploy/policies}, which refuse writes there. */
    private static final Set<String> NAMESPACES =
            Set.of("kube-system", "kube-public", "kube-node-lease", "tombolo-system");

    private static final NamespacedName API_SERVER = new NamespacedName("default", "kubernetes");

    private ReservedServices() {}

    /** Why a service of this name is not shared; empty where it may be. */
    public static Optional<Finding> objection(NamespacedName name) {
        return NAMESPACES.contains(name.namespace()) || name.equals(API_SERVER)
                ? Optional.of(Finding.of(
                        Problem.NAMESPACE_FORBIDDEN,
                        "metadata.namespace",
                        name + " belongs to the cluster itself and is not shared"))
                : Optional.empty();
    }
}
