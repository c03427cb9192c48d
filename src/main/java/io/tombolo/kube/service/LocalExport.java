package io.tombolo.kube.service;

import io.tombolo.net.NamespacedName;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.firewall.ServiceSocket;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.problem.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One ServiceExport of ours and what came of it.
 *
 * @param uid of the ServiceExport
 * @param generation of the ServiceExport
 * @param service absent where {@code refused} says why
 * @param socketsByNode what of it runs on which node, ready or not; node names as in the slices
 * @param forged names of EndpointSlices of the Service that Kubernetes did not make, ordered; nothing in them is exported
 */
public record LocalExport(
        NamespacedName name,
        String uid,
        long generation,
        Optional<ExportedService> service,
        Optional<Finding> refused,
        Map<String, Set<ServiceSocket>> socketsByNode,
        List<String> forged) {

    public LocalExport {
        socketsByNode = Map.copyOf(socketsByNode);
        forged = List.copyOf(forged);
    }

    /** What of it the filters let through, and for whom: how ready an endpoint is does not matter to them. */
    record Exposed(Set<ServiceSocket> sockets, List<String> toClusters, Map<String, Set<ServiceSocket>> byNode) {
        static final Exposed NOTHING = new Exposed(Set.of(), List.of(), Map.of());
    }

    Exposed exposed() {
        return service.map(s -> new Exposed(Exposure.sockets(List.of(s)), s.toClusters(), socketsByNode))
                .orElse(Exposed.NOTHING);
    }
}
