package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ReservedServices;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.Optional;

/** Whether a Service is one that can be exported at all, whoever asks for it. */
public final class ExportableCheck {
    private static final int MOST_PORTS = 100;

    private ExportableCheck() {}

    /** @return what is in the way; empty where nothing is */
    public static Optional<Finding> check(NamespacedName name, Optional<Service> service) {
        Optional<Finding> reserved = ReservedServices.objection(name);
        if (reserved.isPresent()) {
            return reserved;
        }
        if (service.isEmpty()) {
            return finding(Problem.NO_LOCAL_SERVICE, "metadata.name", "there is no Service " + name + " here");
        }
        ServiceSpec spec = service.get().getSpec();
        if ("ExternalName".equals(spec.getType())) {
            return finding(
                    Problem.SERVICE_TYPE_UNSUPPORTED,
                    "spec.type",
                    "Service " + name + ": spec.type ExternalName cannot be exported");
        }
        if (spec.getSelector() == null || spec.getSelector().isEmpty()) {
            return finding(
                    Problem.SELECTOR_REQUIRED,
                    "spec.selector",
                    "Service " + name + ": spec.selector is empty, so nobody vouches for its endpoints");
        }
        int ports = spec.getPorts() == null ? 0 : spec.getPorts().size();
        if (ports == 0 || ports > MOST_PORTS) {
            return finding(
                    Problem.PORTS_INVALID,
                    "spec.ports",
                    "Service " + name + ": spec.ports has " + ports + " entries, not 1-" + MOST_PORTS);
        }
        return Optional.empty();
    }

    private static Optional<Finding> finding(Problem problem, String field, String message) {
        return Optional.of(Finding.of(problem, field, message));
    }
}
