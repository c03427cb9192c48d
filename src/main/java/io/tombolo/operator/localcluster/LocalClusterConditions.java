package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Condition;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.DnsWiring;
import io.tombolo.kube.Conditions;
import io.tombolo.plan.dns.Corefile;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.problem.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What LocalCluster says of itself, one fact each, and {@code Ready} from them. */
final class LocalClusterConditions {
    static final String GATEWAYS_READY = "GatewaysReady";
    static final String NODES_READY = "NodesReady";
    static final String DNS_READY = "DnsReady";
    static final String NETWORK_DETECTED = "NetworkDetected";
    static final String COREDNS_WIRED = "CorednsWired";
    static final String KEYS_CURRENT = "KeysCurrent";

    private LocalClusterConditions() {}

    /**
     * @param gateways ready ones of those wanted
     * @param nodes agents ready, of all Linux nodes
     * @param dns servers ready, of those wanted
     * @param gatewayFault what keeps a gateway from doing its part, as it says itself
     * @param network what was not detected
     * @param wiring why the cluster DNS is not wired
     * @param rotation why nobody's wish for new keys can be read
     * @param changing gateways that are changing to another lane key
     */
    record Facts(
            Count gateways,
            Count nodes,
            Count dns,
            Optional<Finding> gatewayFault,
            List<Finding> network,
            DnsWiring wiringWanted,
            Optional<Finding> wiring,
            Optional<Finding> rotation,
            List<Integer> changing) {
        Facts {
            changing = List.copyOf(changing);
            network = List.copyOf(network);
        }
    }

    record Count(long ready, long wanted) {
        boolean all() {
            return ready >= wanted && wanted > 0;
        }

        @Override
        public String toString() {
            return ready + " of " + wanted;
        }
    }

    /** The first status of an object: nothing is known yet. */
    static List<Condition> first(@Nullable Long generation) {
        return List.of(
                Conditions.unknown(Conditions.READY, "Starting", "this LocalCluster is looked at", generation),
                Conditions.of(Conditions.RECONCILING, true, "Starting", "this LocalCluster is looked at", generation));
    }

    static List<Condition> of(Facts facts, @Nullable Long generation) {
        List<Condition> wanted = new ArrayList<>();
        Optional<Finding> stalled = facts.network.stream()
                .filter(f -> f.problem().severity() == Severity.ERROR)
                .findFirst();
        if (stalled.isPresent()) {
            String reason = stalled.get().problem().reason();
            wanted.add(
                    Conditions.of(Conditions.READY, false, reason, stalled.get().text(), generation));
            wanted.add(Conditions.of(
                    Conditions.STALLED, true, reason, stalled.get().text(), generation));
        } else if (!facts.gateways.all()) {
            String message = facts.gateways + " gateways are ready"
                    + facts.gatewayFault.map(f -> "; " + f.text()).orElse("");
            String reason = facts.gatewayFault
                    .map(f -> f.problem().reason())
                    .orElse(facts.gateways.ready == 0 ? Problem.NO_GATEWAY.reason() : "RollingOut");
            wanted.add(Conditions.of(Conditions.READY, false, reason, message, generation));
            wanted.add(Conditions.of(Conditions.RECONCILING, true, reason, message, generation));
        } else if (!facts.nodes.all() || !facts.dns.all()) {
            String message = facts.nodes + " node agents and " + facts.dns + " name servers are ready";
            wanted.add(Conditions.of(Conditions.READY, false, "RollingOut", message, generation));
            wanted.add(Conditions.of(Conditions.RECONCILING, true, "RollingOut", message, generation));
        } else {
            wanted.add(Conditions.of(Conditions.READY, true, "Ready", "everything of this cluster runs", generation));
        }
        wanted.add(count(GATEWAYS_READY, facts.gateways, Problem.NO_GATEWAY.reason(), generation));
        wanted.add(count(NODES_READY, facts.nodes, "RollingOut", generation));
        wanted.add(count(DNS_READY, facts.dns, "RollingOut", generation));
        wanted.add(network(facts.network, generation));
        wanted.add(wired(facts, generation));
        wanted.add(keys(facts, generation));
        return wanted;
    }

    /** A gateway says on its paths what is wrong with itself; on one it says as much as on all. */
    static Optional<Finding> gatewayFault(List<ClusterLink> links) {
        return links.stream()
                .flatMap(link -> Stream.ofNullable(link.getStatus()))
                .flatMap(status -> Stream.ofNullable(status.paths()).flatMap(List::stream))
                .flatMap(path -> Problem.ofReason(path.reason())
                        .filter(Problem::isOfOurGateway)
                        .map(p -> Finding.of(p, path.message() == null ? p.title() : path.message()))
                        .stream())
                .findFirst();
    }

    private static Condition count(String type, Count count, String reason, @Nullable Long generation) {
        return count.all()
                ? Conditions.of(type, true, "Ready", count.toString(), generation)
                : Conditions.of(type, false, count.ready == 0 ? reason : "RollingOut", count.toString(), generation);
    }

    private static Condition network(List<Finding> findings, @Nullable Long generation) {
        return findings.isEmpty()
                ? Conditions.of(NETWORK_DETECTED, true, "Detected", "pod and service ranges are known", generation)
                : Conditions.of(
                        NETWORK_DETECTED,
                        false,
                        findings.getFirst().problem().reason(),
                        String.join("; ", findings.stream().map(Finding::text).toList()),
                        generation);
    }

    private static Condition keys(Facts facts, @Nullable Long generation) {
        if (facts.rotation.isPresent()) {
            Finding finding = facts.rotation.get();
            return Conditions.of(KEYS_CURRENT, false, finding.problem().reason(), finding.text(), generation);
        }
        return facts.changing.isEmpty()
                ? Conditions.of(KEYS_CURRENT, true, "Current", "every lane has its newest key", generation)
                : Conditions.of(
                        KEYS_CURRENT,
                        false,
                        "Rotating",
                        "the lanes of gateway "
                                + facts.changing.stream().map(String::valueOf).collect(Collectors.joining(", "))
                                + " change to their next key",
                        generation);
    }

    private static Condition wired(Facts facts, @Nullable Long generation) {
        if (facts.wiring.isPresent()) {
            Finding finding = facts.wiring.get();
            return Conditions.of(COREDNS_WIRED, false, finding.problem().reason(), finding.text(), generation);
        }
        return facts.wiringWanted == DnsWiring.NONE
                ? Conditions.unknown(
                        COREDNS_WIRED, "ByHand", "spec.dns.wiring is None: the admin forwards the zone", generation)
                : Conditions.of(COREDNS_WIRED, true, "Wired", "the cluster DNS forwards " + Corefile.ZONE, generation);
    }
}
