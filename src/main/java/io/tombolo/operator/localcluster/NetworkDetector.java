package io.tombolo.operator.localcluster;

import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * This cluster's ranges: what the admin gave, else what the cluster shows.
 *
 * @param podCidrs ordered; empty where unknown
 * @param serviceCidrs ordered; empty where unknown
 * @param nodeAddresses as prefixes, ordered
 */
record NetworkDetector(List<Cidr> podCidrs, List<Cidr> serviceCidrs, List<Cidr> nodeAddresses, List<Finding> findings) {
    private static final int MOST_SERVICE_CIDRS = 4;
    private static final int MOST_NODE_CIDRS = 64;

    /** @param serviceCidrs asked only where the admin gave none */
    static NetworkDetector detect(
            LocalClusterSpec spec, List<LocalView.Node> nodes, Supplier<List<Cidr>> serviceCidrs) {
        LocalClusterSpec.Network given = spec.network();
        List<Cidr> pods = given(given == null ? null : given.podCIDRs());
        List<Cidr> services = given(given == null ? null : given.serviceCIDRs());
        List<Finding> findings = new ArrayList<>();
        if (pods.isEmpty()) {
            pods = PodRange.ofNodes(nodes);
        }
        if (pods.isEmpty()) {
            findings.add(Finding.of(
                    Problem.POD_CIDR_UNKNOWN,
                    "spec.network.podCIDRs",
                    "no node has spec.podCIDRs, so this cluster's pod range is unknown: set spec.network.podCIDRs"));
        }
        if (services.isEmpty()) {
            services = serviceCidrs.get().stream().limit(MOST_SERVICE_CIDRS).toList();
        }
        if (services.isEmpty()) {
            findings.add(Finding.of(
                    Problem.SERVICE_CIDR_UNKNOWN,
                    "spec.network.serviceCIDRs",
                    "the API server does not tell its service range: set spec.network.serviceCIDRs"));
        }
        TreeSet<Cidr> addresses = new TreeSet<>();
        nodes.forEach(node -> addresses.add(Cidr.host(node.address())));
        return new NetworkDetector(pods, services, List.copyOf(addresses), List.copyOf(findings));
    }

    LocalClusterStatus.Network status() {
        return new LocalClusterStatus.Network(
                texts(podCidrs),
                texts(serviceCidrs),
                texts(nodeAddresses.stream().limit(MOST_NODE_CIDRS).toList()));
    }

    private static List<Cidr> given(@Nullable List<String> texts) {
        return texts == null
                ? List.of()
                : texts.stream().map(Cidr::parse).sorted().toList();
    }

    private static List<String> texts(List<Cidr> cidrs) {
        return cidrs.stream().map(Cidr::toString).toList();
    }
}
