package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.service.Export;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.Port;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.plan.service.Routing;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.plan.service.ServicePlan.Participation;
import io.tombolo.plan.service.ServicePlan.Slice;
import io.tombolo.plan.service.ServicePlan.SliceKind;
import io.tombolo.plan.service.ServicePlan.State;
import io.tombolo.plan.service.ServicePlanner;
import io.tombolo.plan.service.ServiceView;
import io.tombolo.problem.Finding;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A service as the importer has written it, read back to say who receives its traffic: what kube-proxy has, and by the
 * importer's own planner, why.
 */
public final class StandingService {
    private final NamespacedName name;
    private final @Nullable Service derived;
    private final SortedMap<ClusterId, List<EndpointSlice>> exported = new TreeMap<>();
    private final List<Slice> receiving = new ArrayList<>();
    private boolean headless;

    /**
     * @param derived the Service behind the import; null where none stands
     * @param slices ours of this service
     */
    public StandingService(NamespacedName name, @Nullable Service derived, Collection<EndpointSlice> slices) {
        this.name = name;
        this.derived = derived;
        for (EndpointSlice slice : slices) {
            Map<String, String> labels =
                    Objects.requireNonNullElse(slice.getMetadata().getLabels(), Map.of());
            String exporter = labels.get(ObjectNames.MCS_CLUSTER_LABEL);
            String source = labels.get(ObjectNames.SOURCE_LABEL);
            if (exporter != null) {
                headless |= labels.containsKey(ImportRenderer.HEADLESS_LABEL);
                exported.computeIfAbsent(new ClusterId(exporter), c -> new ArrayList<>())
                        .add(slice);
            } else if (source != null) {
                EndpointGroup group = ImportReader.group(slice);
                receiving.add(new Slice(
                        slice.getMetadata().getName(),
                        SliceKind.RECEIVING,
                        new ClusterId(source),
                        group.ipv6(),
                        group.ports(),
                        group.endpoints()));
            }
        }
    }

    /** Who takes part, ordered by cluster, and what to say about the routing. */
    public record Routed(List<Participation> clusters, List<Finding> findings) {
        public Routed {
            clusters = List.copyOf(clusters);
            findings = List.copyOf(findings);
        }
    }

    /** @param live whether a gateway of the cluster answers; true for ourselves */
    public Routed routed(ClusterId local, Routing routing, Predicate<ClusterId> live) {
        List<InetAddress> ips = derived == null ? List.of() : ImportedObjects.clusterIps(derived);
        List<Export> exports = new ArrayList<>();
        exported.forEach((cluster, own) ->
                exports.add(new Export(cluster, service(ImportReader.groups(own)), live.test(cluster), true)));
        ServicePlan plan = ServicePlanner.plan(new ServiceView(local, name, exports, routing, true, List.of(), ips));
        Map<ClusterId, Integer> shares = ServicePlan.shares(receiving);
        List<Participation> clusters = new ArrayList<>(excluded(routing));
        plan.clusters().forEach(p -> clusters.add(headless ? p : standing(p, shares)));
        clusters.sort(Comparator.comparing(Participation::cluster));
        return new Routed(clusters, plan.findings());
    }

    /** Those of whom nothing stands but that the importer keeps them out. */
    private List<Participation> excluded(Routing routing) {
        Stream<? extends HasMetadata> saying =
                headless ? exported.values().stream().flatMap(List::stream) : Stream.ofNullable(derived);
        return saying
                .flatMap(object -> Optional.ofNullable(object.getMetadata().getAnnotations()).stream())
                .flatMap(annotations -> Optional.ofNullable(annotations.get(ExcludedExports.ANNOTATION)).stream())
                .findFirst()
                .map(ExcludedExports::parse)
                .orElse(List.of())
                .stream()
                .filter(e -> !exported.containsKey(e.cluster()))
                .map(e -> Participation.excluded(e.cluster(), routing.counts(e.cluster()), e.endpoints(), e.ready()))
                .toList();
    }

    /** What is planned, with the share that stands: where the importer is behind, that is another. */
    private static Participation standing(Participation planned, Map<ClusterId, Integer> shares) {
        Integer share = shares.get(planned.cluster());
        State state = planned.state();
        String why = planned.why();
        if (share == null && state == State.RECEIVING) {
            state = State.STANDBY;
            why = "none of its endpoints stands behind the service's address";
        } else if (share != null && state == State.STANDBY) {
            state = State.RECEIVING;
            why = "its endpoints still stand behind the service's address";
        }
        return new Participation(
                planned.cluster(),
                state,
                planned.endpoints(),
                planned.ready(),
                Objects.requireNonNullElse(share, 0),
                why);
    }

    /** Only what decides about traffic: the shape as a whole is the import's. */
    private ExportedService service(List<EndpointGroup> groups) {
        Set<String> portNames = new HashSet<>();
        groups.forEach(group -> group.ports().forEach(port -> portNames.add(port.name())));
        return new ExportedService(
                name,
                Instant.MAX,
                headless,
                ports().stream().filter(port -> portNames.contains(port.name())).toList(),
                List.of(),
                SessionAffinity.NONE,
                OptionalInt.empty(),
                "Cluster",
                Optional.empty(),
                Map.of(),
                Map.of(),
                List.of(),
                groups);
    }

    /** The union, as the derived Service has it. */
    private List<Port> ports() {
        return derived == null
                ? List.of()
                : derived.getSpec().getPorts().stream()
                        .map(p -> new Port(
                                Objects.requireNonNullElse(p.getName(), ""),
                                Transport.valueOf(p.getProtocol()),
                                p.getPort(),
                                Optional.ofNullable(p.getAppProtocol())))
                        .toList();
    }
}
