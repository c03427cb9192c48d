package io.tombolo.operator.clusterlink;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Ignore;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.Path;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.NodeReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.operator.OperatorParts;
import io.tombolo.operator.TopologyReader;
import io.tombolo.operator.World;
import io.tombolo.operator.WorldEvents;
import io.tombolo.operator.localcluster.Gateways;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is to be said of one link, planned over all of them: a link can be wrong because of another. */
@Ignore // of the Quarkus extension, which would make it a bean: OperatorProcess makes it, once per term
@GradualRetry(maxAttempts = OperatorParts.FOR_EVER, initialInterval = 200, intervalMultiplier = 2, maxInterval = 5_000)
@ControllerConfiguration(name = "clusterlink", fieldManager = ObjectNames.OPERATOR_MANAGER)
public final class ClusterLinkReconciler implements Reconciler<ClusterLink> {
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(100);

    private final OperatorParts parts;
    private final World world;
    private final AbsentGateways absent;

    public ClusterLinkReconciler(OperatorParts parts) {
        this.parts = parts;
        this.world = parts.world();
        this.absent = new AbsentGateways(parts.client());
    }

    @Override
    public List<EventSource<?, ClusterLink>> prepareEventSources(EventSourceContext<ClusterLink> context) {
        return List.of(
                // status too, which JOSDK's own source leaves out
                WorldEvents.ofPart(world, ClusterLink.class, "topology", TopologyReader::part, _ -> all()),
                WorldEvents.ofPart(
                        world,
                        ClusterLink.class,
                        "gateways",
                        ClusterLinkReconciler::saidByGateways,
                        link -> List.of(ResourceID.fromResource(link))),
                WorldEvents.ofPart(world, LocalCluster.class, "topology", LocalViewReader::part, _ -> all()),
                WorldEvents.ofPart(world, Node.class, "addresses", NodeReader::part, _ -> all()),
                events(EndpointSlice.class, World::isApiServer),
                events(Secret.class, any -> true),
                events(Pod.class, pod -> pod.getMetadata().getName().startsWith(ObjectNames.GATEWAY)));
    }

    private <R extends HasMetadata> EventSource<R, ClusterLink> events(Class<R> kind, Predicate<R> relevant) {
        return new WorldEvents<>(world, kind, changed -> relevant.test(changed) ? all() : List.of());
    }

    private List<ResourceID> all() {
        return world.list(ClusterLink.class).stream()
                .map(ResourceID::fromResource)
                .toList();
    }

    /** All but our own words; that these are missing, too. */
    private static Object saidByGateways(ClusterLink link) {
        Optional<ClusterLinkStatus> status = Optional.ofNullable(link.getStatus());
        return List.of(
                status.map(ClusterLinkStatus::conditions).isPresent(),
                status.map(ClusterLinkStatus::peer),
                status.map(ClusterLinkStatus::paths));
    }

    @Override
    public UpdateControl<ClusterLink> reconcile(ClusterLink seen, Context<ClusterLink> context) {
        if (!world.isSynced()) {
            return UpdateControl.<ClusterLink>noUpdate().rescheduleAfter(UNTIL_SYNCED);
        }
        // the status of JOSDK's copy may be older than the event that called us
        ClusterLink link = world.get(ClusterLink.class, seen.getMetadata().getName())
                .filter(l -> l.getMetadata().getUid().equals(seen.getMetadata().getUid()))
                .orElse(seen);
        Long generation = link.getMetadata().getGeneration();
        Optional<TopologyReader.Planned> planned = parts.topology().read();
        if (planned.isEmpty()) {
            write(
                    link,
                    LinkConditions.first(generation),
                    null); // we do not know ourselves yet: the LocalCluster says why
            return UpdateControl.noUpdate();
        }
        Gateways gateways = Gateways.read(world.list(Pod.class));
        Instant now = parts.clock().instant();
        Set<Integer> slots = planned.get().topology().local().gateways().stream()
                .map(LocalView.Gateway::slot)
                .collect(Collectors.toSet());
        List<Path> paths = absent.mark(link, gateways, slots, now);
        LinkConditions.Facts facts = new LinkConditions.Facts(
                findings(link, planned.get()),
                leftOut(link),
                planned.get().topology().peers().keySet().stream()
                        .noneMatch(id -> id.value().equals(link.getMetadata().getName())),
                paths,
                gateways.bySlot().keySet().stream()
                        .filter(slot -> gateways.isThere(slot, now))
                        .collect(Collectors.toSet()),
                link.getStatus() != null
                        && link.getStatus().peer() != null
                        && link.getStatus().peer().sequence() != null,
                link.getStatus() != null
                        && link.getStatus().peer() != null
                        && Boolean.TRUE.equals(link.getStatus().peer().stale()));
        int doors = link.getSpec().gateways().size()
                * planned.get().topology().local().gateways().size();
        write(link, LinkConditions.of(facts, generation), LinkConditions.summary(paths, doors));
        return gateways.nextChange(now)
                .map(wait -> UpdateControl.<ClusterLink>noUpdate().rescheduleAfter(wait))
                .orElseGet(UpdateControl::noUpdate);
    }

    private List<Finding> findings(ClusterLink link, TopologyReader.Planned planned) {
        List<Finding> findings =
                new ArrayList<>(planned.findings(link.getMetadata().getName()));
        if (PresharedKeyReader.read(link, name -> world.own(Secret.class, name))
                instanceof PresharedKeyReader.Result.Broken(Finding finding)) {
            findings.add(finding);
        }
        return findings;
    }

    private static List<Finding> leftOut(ClusterLink link) {
        return Stream.ofNullable(link.getStatus())
                .flatMap(status -> Stream.ofNullable(status.peer()))
                .flatMap(peer -> Stream.ofNullable(peer.refused()).flatMap(List::stream))
                .flatMap(refused -> Problem.ofReason(refused.reason()).stream()
                        .map(problem -> Finding.of(problem, refused.message())))
                .toList();
    }

    /** Writes on change only, and only what is the operator's. */
    private void write(ClusterLink link, List<Condition> conditions, ClusterLinkStatus.@Nullable Summary summary) {
        ClusterLinkStatus before = link.getStatus();
        List<Condition> old = before == null ? null : before.conditions();
        Long generation = link.getMetadata().getGeneration();
        // the first status of an object says that nothing is known, whatever is found a moment later
        List<Condition> merged = Conditions.merge(old, conditions, Instant.now(parts.clock()));
        if (old == null) {
            apply(
                    link,
                    Conditions.merge(
                            null,
                            LinkConditions.first(generation),
                            parts.clock().instant()),
                    null);
        } else if (merged.equals(old)
                && Objects.equals(before.summary(), summary)
                && Objects.equals(before.observedGeneration(), generation)) {
            return;
        }
        apply(link, merged, summary);
        parts.events().tellOfChange(link, old, merged);
    }

    private void apply(ClusterLink link, List<Condition> conditions, ClusterLinkStatus.@Nullable Summary summary) {
        ClusterLink object = new ClusterLink();
        object.setMetadata(new ObjectMetaBuilder()
                .withName(link.getMetadata().getName())
                .withUid(link.getMetadata().getUid())
                .build());
        object.setStatus(new ClusterLinkStatus(link.getMetadata().getGeneration(), conditions, null, null, summary));
        parts.applier().applyStatus(object);
    }
}
