package io.tombolo.operator.localcluster;

import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.AnnouncementCodec;
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
        findings.addAll(aliasFaults(LocalViewReader.aliases(spec), nodes, pods, services));
        return new NetworkDetector(pods, services, List.copyOf(addresses), List.copyOf(findings));
    }

    /** What keeps aliases from doing what they are for. They are in force all the same: the rest works. */
    private static List<Finding> aliasFaults(
            Aliases aliases, List<LocalView.Node> nodes, List<Cidr> pods, List<Cidr> services) {
        List<String> faults = new ArrayList<>();
        for (Aliases.Alias pair : aliases.pairs()) {
            Cidr alias = pair.alias();
            pods.stream().filter(alias::overlaps).forEach(c -> faults.add(alias + " overlaps our pods' " + c));
            services.stream().filter(alias::overlaps).forEach(c -> faults.add(alias + " overlaps our services' " + c));
            nodes.stream()
                    .filter(node -> alias.contains(node.address()))
                    .forEach(node -> faults.add(alias + " holds node " + node.name()));
            if (pods.stream().noneMatch(pair.cidr()::overlaps) && !pods.isEmpty()) {
                faults.add(pair.cidr() + " holds no pod of ours, whose range is " + pods);
            }
        }
        if (aliases.of(pods).size() > AnnouncementCodec.MAX_PREFIXES) {
            faults.add("with aliases for parts of it our pods' range falls into more than "
                    + AnnouncementCodec.MAX_PREFIXES + " prefixes, and the rest is not announced");
        }
        if (!aliases.isEmpty()
                && !nodes.isEmpty()
                && nodes.stream().allMatch(node -> node.podCidrs().isEmpty())) {
            faults.add("no node has spec.podCIDRs, so none knows for which pods it translates");
        }
        return faults.stream()
                .map(fault -> Finding.of(Problem.ALIAS_UNUSABLE, "spec.network.aliases", fault))
                .toList();
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
