package io.tombolo.plan.service;

import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.tunnel.Territory;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What of a peer's export is accepted here: endpoints inside the prefixes accepted from that peer and no others, one
 * endpoint per hostname, labels that claim nothing, and no service that is the cluster's own. Forms (names, port numbers,
 * lengths) were checked where the bytes were read; here they are held against what this cluster accepts now, so a prefix
 * that shrinks takes its endpoints.
 */
public final class PeerExportCheck {
    /** Of a name in DNS, as people write it: 255 bytes on the wire (RFC 1035, 2.3.4). */
    private static final int MOST_NAME = 253;

    private static final String BEHIND_NAMESPACE = ".svc.clusterset.local";

    private final ExportedService offered;
    private final ClusterId peer;
    private final Territory territory;
    private final Faults faults;

    private PeerExportCheck(ExportedService offered, ClusterId peer, Territory territory) {
        this.offered = offered;
        this.peer = peer;
        this.territory = territory;
        this.faults = new Faults(offered.name());
    }

    /**
     * @param service empty where nothing of it is accepted
     * @param findings one for each kind of fault, naming the first offender and how many there are
     */
    public record Accepted(Optional<ExportedService> service, List<Finding> findings) {
        public Accepted {
            findings = List.copyOf(findings);
        }
    }

    public static Accepted check(ExportedService offered, ClusterId peer, Territory territory) {
        Optional<Finding> reserved = ReservedServices.objection(offered.name());
        return reserved.isPresent()
                ? new Accepted(Optional.empty(), List.of(reserved.get()))
                : new PeerExportCheck(offered, peer, territory).check();
    }

    private Accepted check() {
        Map<String, InetAddress> hostnames4 = new HashMap<>();
        Map<String, InetAddress> hostnames6 = new HashMap<>();
        List<EndpointGroup> groups = new ArrayList<>();
        for (EndpointGroup group : offered.endpoints()) {
            List<Endpoint> kept = new ArrayList<>();
            for (Endpoint endpoint : group.endpoints()) {
                if (isOfPeer(endpoint.address()) && isFree(endpoint, group.ipv6() ? hostnames6 : hostnames4)) {
                    kept.add(withNameThatFits(endpoint));
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
                unclaimed("labels", offered.labels()),
                unclaimed("annotations", offered.annotations()),
                offered.toClusters(),
                groups);
        return new Accepted(Optional.of(service), faults.findings());
    }

    private boolean isOfPeer(InetAddress address) {
        Optional<ClusterId> owner = territory.peer(address);
        if (owner.filter(peer::equals).isPresent()) {
            if (territory.isEdge(address)) {
                faults.add(Problem.ENDPOINT_FORBIDDEN, address, "is the first or last of a prefix");
                return false;
            }
            return true;
        }
        if (owner.isPresent()) {
            faults.add(Problem.ENDPOINT_CONFLICT, address, "lies in the prefixes of " + owner.get());
            return false;
        }
        territory
                .forbidden(address)
                .ifPresentOrElse(
                        why -> faults.add(Problem.ENDPOINT_FORBIDDEN, address, why),
                        () -> faults.add(Problem.ENDPOINT_OUT_OF_RANGE, address, "is outside the peer's prefixes"));
        return false;
    }

    /** One pod may stand in several groups, but no other may have its name. */
    private boolean isFree(Endpoint endpoint, Map<String, InetAddress> hostnames) {
        if (endpoint.hostname().isEmpty()) {
            return true;
        }
        InetAddress holder = hostnames.putIfAbsent(endpoint.hostname().get(), endpoint.address());
        if (holder == null || holder.equals(endpoint.address())) {
            return true;
        }
        faults.add(
                Problem.HOSTNAME_INVALID,
                endpoint.address(),
                "repeats hostname " + endpoint.hostname().get() + " of " + Addresses.text(holder));
        return false;
    }

    /** Without a hostname it is called by its address, which always fits. */
    private Endpoint withNameThatFits(Endpoint endpoint) {
        NamespacedName name = offered.name();
        String host = endpoint.hostname().orElse("");
        int length = String.join(".", host, peer.value(), name.name(), name.namespace())
                        .length()
                + BEHIND_NAMESPACE.length();
        if (!offered.headless() || host.isEmpty() || length <= MOST_NAME) {
            return endpoint;
        }
        faults.add(
                Problem.NAME_TOO_LONG,
                endpoint.address(),
                "has hostname " + host + ", with which its name has " + length + " characters, not up to " + MOST_NAME);
        return new Endpoint(
                endpoint.address(), Optional.empty(), endpoint.ready(), endpoint.serving(), endpoint.terminating());
    }

    /** Keys under Kubernetes' or our own domain steer controllers; a peer's never do here. */
    private Map<String, String> unclaimed(String field, Map<String, String> claimed) {
        Map<String, String> kept = new TreeMap<>();
        claimed.forEach((key, value) -> {
            int slash = key.indexOf('/');
            String domain = slash < 0 ? "" : key.substring(0, slash);
            if (under(domain, "kubernetes.io") || under(domain, "k8s.io") || under(domain, "tombolo.io")) {
                faults.add(Problem.LABEL_RESERVED, field, field + ": " + key + " is left out");
            } else {
                kept.put(key, value);
            }
        });
        return kept;
    }

    private static boolean under(String domain, String parent) {
        return domain.equals(parent) || domain.endsWith("." + parent);
    }

    /** However many there are, one finding for each kind: a broken export must not fill memory or events. */
    private static final class Faults {
        private final NamespacedName service;
        private final Map<Problem, Integer> counts = new TreeMap<>();
        private final Map<Problem, Finding> first = new TreeMap<>();

        Faults(NamespacedName service) {
            this.service = service;
        }

        void add(Problem problem, InetAddress address, String what) {
            add(problem, "endpoints", "endpoint " + Addresses.text(address) + " " + what);
        }

        void add(Problem problem, String field, String what) {
            counts.merge(problem, 1, Integer::sum);
            first.computeIfAbsent(problem, p -> Finding.of(p, field, service + ": " + what));
        }

        List<Finding> findings() {
            return first.values().stream()
                    .map(f -> {
                        int more = counts.getOrDefault(f.problem(), 1) - 1;
                        return Finding.of(
                                f.problem(), f.field(), f.message() + (more == 0 ? "" : ", and " + more + " more"));
                    })
                    .toList();
        }
    }
}
