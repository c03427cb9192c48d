package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.problem.Finding;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who receives a service's traffic now.
 *
 * @param receivers for each way, the clusters that receive, and which ready endpoints of theirs rest meanwhile
 */
record Traffic(Map<Way, Map<ClusterId, Set<InetAddress>>> receivers, List<Finding> findings) {
    Traffic {
        receivers = Map.copyOf(receivers);
        findings = List.copyOf(findings);
    }

    /** Where a choice is kube-proxy's: among the endpoints of one port and one address family. */
    record Way(Port port, boolean ipv6) {}

    boolean receives(ClusterId cluster, Way way) {
        return receivers.getOrDefault(way, Map.of()).containsKey(cluster);
    }

    Set<InetAddress> resting(ClusterId cluster, Way way) {
        return receivers.getOrDefault(way, Map.of()).getOrDefault(cluster, Set.of());
    }
}
