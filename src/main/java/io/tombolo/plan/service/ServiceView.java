package io.tombolo.plan.service;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import java.net.InetAddress;
import java.util.List;

/**
 * Everything that decides how one service appears in this cluster.
 *
 * @param exports every cluster that exports it, in any order
 * @param namespaceExists an import never creates its namespace
 * @param localFamilies families a Service here can have, the preferred first: {@code IPv4}, {@code IPv6}
 * @param clusterIps what the API server gave the derived Service, in its order; empty before it exists
 */
public record ServiceView(
        ClusterId local,
        NamespacedName name,
        List<Export> exports,
        Routing routing,
        boolean namespaceExists,
        List<String> localFamilies,
        List<InetAddress> clusterIps) {

    public ServiceView {
        exports = List.copyOf(exports);
        localFamilies = List.copyOf(localFamilies);
        clusterIps = List.copyOf(clusterIps);
    }
}
