package io.tombolo.plan.service;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What of a peer's export is accepted here: endpoints inside the prefixes accepted from that peer and no others, one
 * hostname per endpoint, labels that claim nothing. Forms (names, port numbers, lengths) were checked where the bytes
 * were read; here they are held against what this cluster accepts now, so a prefix that shrinks takes its endpoints.
 */
public final class PeerExportCheck {
    /** Findings per service; one broken export must not fill memory or events. */
    private static final int MOST_FINDINGS = 8;

    private PeerExportCheck() {}

    /** @param findings one for each kind of fault, naming the first offender and how many there are */
    public record Accepted(ExportedService service, List<Finding> findings) {}

    /** @param prefixes what was accepted of the peer's announcement */
    public static Accepted check(ExportedService offered, List<Cidr> prefixes) {
        Faults faults = new Faults();
        Set<InetAddress> edges = edges(prefixes);
        List<EndpointGroup> groups = new ArrayList<>();
        for (EndpointGroup group : offered.endpoints()) {
            Set<String> hostnames = new HashSet<>();
            List<Endpoint> kept = new ArrayList<>();
            for (Endpoint endpoint : group.endpoints()) {
                InetAddress address = endpoint.address();
                if (prefixes.stream().noneMatch(p -> p.contains(address))) {
                    faults.add(Problem.ENDPOINT_OUT_OF_RANGE, offered, address, "is outside the peer's prefixes");
                } else if (edges.contains(address)) {
                    faults.add(Problem.ENDPOINT_INVALID, offered, address, "is the first or last of a prefix");
                } else if (endpoint.hostname().isPresent()
                        && !hostnames.add(endpoint.hostname().get())) {
                    faults.add(Problem.HOSTNAME_INVALID, offered, address, "repeats the hostname of another endpoint");
                } else {
                    kept.add(endpoint);
                }
            }
            if (!kept.isEmpty()) {
                groups.add(new EndpointGroup(group.ipv6(), group.ports(), kept));
            }
        }
        ExportedService service = new ExportedService(
                offered.name(),
                offered.created(),
                offered.headless(),
                offered.ports(),
                offered.ipFamilies(),
                offered.sessionAffinity(),
                offered.sessionAffinityTimeout(),
                offered.internalTrafficPolicy(),
                offered.trafficDistribution(),
                unclaimed(offered.labels()),
                unclaimed(offered.annotations()),
                offered.toClusters(),
                groups);
        return new Accepted(service, faults.findings());
    }

    /** Network address of every prefix, and broadcast address of every IPv4 one; none where a prefix has no inside. */
    private static Set<InetAddress> edges(List<Cidr> prefixes) {
        Set<InetAddress> edges = new HashSet<>();
        for (Cidr prefix : prefixes) {
            int host = prefix.network().getAddress().length * 8 - prefix.length();
            if (host < 2) {
                continue;
            }
            edges.add(prefix.network());
            if (prefix.isIpv4()) {
                byte[] last = prefix.network().getAddress();
                for (int bit = 0; bit < host; bit++) {
                    last[3 - bit / 8] |= (byte) (1 << bit % 8);
                }
                edges.add(Addresses.of(last));
            }
        }
        return edges;
    }

    /** Keys under Kubernetes' or our own domain steer controllers; a peer's never do here. */
    private static Map<String, String> unclaimed(Map<String, String> offered) {
        Map<String, String> kept = new TreeMap<>();
        offered.forEach((key, value) -> {
            int slash = key.indexOf('/');
            String domain = slash < 0 ? "" : key.substring(0, slash);
            if (!under(domain, "kubernetes.io") && !under(domain, "k8s.io") && !under(domain, "tombolo.io")) {
                kept.put(key, value);
            }
        });
        return kept;
    }

    private static boolean under(String domain, String parent) {
        return domain.equals(parent) || domain.endsWith("." + parent);
    }

    private static final class Faults {
        private final Map<Problem, Integer> counts = new TreeMap<>();
        private final Map<Problem, String> first = new TreeMap<>();

        void add(Problem problem, ExportedService service, InetAddress address, String what) {
            counts.merge(problem, 1, Integer::sum);
            first.putIfAbsent(problem, service.name() + ": endpoint " + Addresses.text(address) + " " + what);
        }

        List<Finding> findings() {
            return first.entrySet().stream()
                    .limit(MOST_FINDINGS)
                    .map(e -> {
                        int more = counts.getOrDefault(e.getKey(), 1) - 1;
                        return Finding.of(
                                e.getKey(), "endpoints", e.getValue() + (more == 0 ? "" : ", and " + more + " more"));
                    })
                    .toList();
        }
    }
}
