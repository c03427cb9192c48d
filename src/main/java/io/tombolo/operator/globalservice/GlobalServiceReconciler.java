package io.tombolo.operator.globalservice;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
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
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.GlobalServiceSpec;
import io.tombolo.api.v1alpha1.GlobalServiceStatus;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.service.ExportableCheck;
import io.tombolo.kube.service.LocalExport;
import io.tombolo.kube.service.RoutingReader;
import io.tombolo.kube.service.StandingService;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.operator.OperatorParts;
import io.tombolo.operator.World;
import io.tombolo.operator.WorldEvents;
import io.tombolo.plan.service.Names;
import io.tombolo.plan.service.ServicePlan;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** From a GlobalService to its ServiceExport, and from what stands in the API to its status. */
@Ignore // of the Quarkus extension, which would make it a bean: OperatorProcess makes it, once per term
@GradualRetry(maxAttempts = OperatorParts.FOR_EVER, initialInterval = 200, intervalMultiplier = 2, maxInterval = 5_000)
@ControllerConfiguration(name = "globalservice", fieldManager = ObjectNames.OPERATOR_MANAGER)
public final class GlobalServiceReconciler implements Reconciler<GlobalService> {
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(100);

    private final OperatorParts parts;
    private final World world;
    private final OwnedExport export;

    public GlobalServiceReconciler(OperatorParts parts) {
        this.parts = parts;
        this.world = parts.world();
        this.export = new OwnedExport(parts.client());
    }

    @Override
    public List<EventSource<?, GlobalService>> prepareEventSources(EventSourceContext<GlobalService> context) {
        return List.of(
                events(Service.class, GlobalServiceReconciler::ofService),
                events(ServiceExport.class, GlobalServiceReconciler::sameName),
                events(EndpointSlice.class, GlobalServiceReconciler::ofImport),
                WorldEvents.ofPart(
                        world,
                        ClusterLink.class,
                        "reach",
                        link -> List.of(link.getMetadata().getUid(), isUp(link)),
                        _ -> all()));
    }

    private <R extends HasMetadata> EventSource<R, GlobalService> events(
            Class<R> kind, Function<R, Collection<ResourceID>> affected) {
        return new WorldEvents<>(world, kind, affected);
    }

    private static Collection<ResourceID> sameName(HasMetadata object) {
        return List.of(ResourceID.fromResource(object));
    }

    /** A Service, or the one that the importer derived for it. */
    private static Collection<ResourceID> ofService(Service service) {
        Collection<ResourceID> imported = ofImport(service);
        return imported.isEmpty() ? sameName(service) : imported;
    }

    private static Collection<ResourceID> ofImport(HasMetadata object) {
        return World.importOf(object).stream()
                .map(name -> new ResourceID(name.name(), name.namespace()))
                .toList();
    }

    private List<ResourceID> all() {
        return world.list(GlobalService.class).stream()
                .map(ResourceID::fromResource)
                .toList();
    }

    @Override
    public UpdateControl<GlobalService> reconcile(GlobalService seen, Context<GlobalService> context) {
        if (!world.isSynced()) {
            return UpdateControl.<GlobalService>noUpdate().rescheduleAfter(UNTIL_SYNCED);
        }
        NamespacedName name = ObjectNames.of(seen);
        GlobalService service = world.get(GlobalService.class, name.namespace(), name.name())
                .filter(s -> s.getMetadata().getUid().equals(seen.getMetadata().getUid()))
                .orElse(seen);
        if (service.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate(); // its export goes by ownership
        }
        GlobalServiceSpec spec = service.getSpec();
        boolean wanted =
                spec == null || spec.export() == null || spec.export().policy() != GlobalServiceSpec.ExportPolicy.NEVER;
        Optional<Finding> objection =
                ExportableCheck.check(name, world.get(Service.class, name.namespace(), name.name()));
        OwnedExport.State state = export.ensure(service, wanted && objection.isEmpty());
        StandingService.Routed routed = routed(service, name);
        Optional<Finding> notExported = objection.or(() -> refusal(name));
        write(
                service,
                new GlobalServiceConditions.Facts(
                        wanted,
                        notExported,
                        unknownClusters(spec),
                        routed.findings(),
                        routed.clusters().stream()
                                .map(GlobalServiceReconciler::cluster)
                                .toList()),
                state == OwnedExport.State.NONE
                        ? null
                        : new GlobalServiceStatus.Export(name.name(), state == OwnedExport.State.OURS));
        return UpdateControl.noUpdate();
    }

    /** What only the ServiceExport's reading tells: the namespace's sharing, bounds. */
    private Optional<Finding> refusal(NamespacedName name) {
        return world.exports()
                .get(name)
                .flatMap(LocalExport::refused)
                // the Service may be newer than that reading
                .filter(f -> f.problem() == Problem.NAMESPACE_NOT_ACCEPTED || f.problem() == Problem.LIMIT_EXCEEDED);
    }

    private StandingService.Routed routed(GlobalService service, NamespacedName name) {
        Optional<ClusterId> us = us().map(ClusterId::new);
        if (us.isEmpty()) {
            return new StandingService.Routed(List.of(), List.of()); // every import goes with the LocalCluster
        }
        Set<String> live = new HashSet<>(Set.of(us.get().value()));
        world.list(ClusterLink.class).stream()
                .filter(GlobalServiceReconciler::isUp)
                .forEach(link -> live.add(link.getMetadata().getName()));
        Service derived = world.get(Service.class, name.namespace(), Names.derivedService(name))
                .orElse(null);
        return new StandingService(name, derived, world.slicesOf(name))
                .routed(us.get(), RoutingReader.read(service), cluster -> live.contains(cluster.value()));
    }

    private static GlobalServiceStatus.Cluster cluster(ServicePlan.Participation cluster) {
        return new GlobalServiceStatus.Cluster(
                cluster.cluster().value(),
                switch (cluster.state()) {
                    case RECEIVING -> GlobalServiceStatus.ClusterState.RECEIVING;
                    case STANDBY -> GlobalServiceStatus.ClusterState.STANDBY;
                    case EXCLUDED -> GlobalServiceStatus.ClusterState.EXCLUDED;
                    case UNREACHABLE -> GlobalServiceStatus.ClusterState.UNREACHABLE;
                    case NO_ENDPOINTS -> GlobalServiceStatus.ClusterState.NO_ENDPOINTS;
                },
                cluster.sharePercent(),
                cluster.endpoints(),
                cluster.ready(),
                cluster.why());
    }

    private List<Finding> unknownClusters(@Nullable GlobalServiceSpec spec) {
        if (spec == null) {
            return List.of();
        }
        Set<String> known = new HashSet<>();
        us().ifPresent(known::add);
        world.list(ClusterLink.class)
                .forEach(link -> known.add(link.getMetadata().getName()));
        List<Finding> findings = new ArrayList<>();
        if (spec.export() != null) {
            findings.addAll(GlobalServiceConditions.unknownClusters(
                    "spec.export.toClusters", spec.export().toClusters(), known));
        }
        if (spec.imports() != null) {
            findings.addAll(GlobalServiceConditions.unknownClusters(
                    "spec.import.fromClusters", spec.imports().fromClusters(), known));
        }
        GlobalServiceSpec.Routing routing = spec.routing();
        if (routing != null && routing.weights() != null) {
            findings.addAll(GlobalServiceConditions.unknownClusters(
                    "spec.routing.weights",
                    routing.weights().stream()
                            .map(GlobalServiceSpec.Weight::cluster)
                            .toList(),
                    known));
        }
        if (routing != null) {
            findings.addAll(GlobalServiceConditions.unknownClusters("spec.routing.order", routing.order(), known));
        }
        return findings;
    }

    private Optional<String> us() {
        return world.localCluster().map(c -> c.getSpec().clusterId());
    }

    private static boolean isUp(ClusterLink link) {
        return link.getStatus() != null
                && link.getStatus().paths() != null
                && link.getStatus().paths().stream().anyMatch(p -> p.state() == ClusterLinkStatus.PathState.UP);
    }

    /** Writes on change only. */
    private void write(
            GlobalService service, GlobalServiceConditions.Facts facts, GlobalServiceStatus.@Nullable Export exported) {
        Long generation = service.getMetadata().getGeneration();
        GlobalServiceStatus before = service.getStatus();
        List<Condition> old = before == null ? null : before.conditions();
        if (old == null) {
            apply(service, status(service, null, GlobalServiceConditions.first(generation), facts, null));
        }
        GlobalServiceStatus wanted =
                status(service, old, GlobalServiceConditions.of(facts, generation), facts, exported);
        if (Objects.equals(before, wanted)) {
            return;
        }
        apply(service, wanted);
        parts.events().tellOfChange(service, old, wanted.conditions());
    }

    private GlobalServiceStatus status(
            GlobalService service,
            @Nullable List<Condition> old,
            List<Condition> conditions,
            GlobalServiceConditions.Facts facts,
            GlobalServiceStatus.@Nullable Export exported) {
        return new GlobalServiceStatus(
                service.getMetadata().getGeneration(),
                Conditions.merge(old, conditions, parts.clock().instant()),
                exported,
                facts.clusters(),
                new GlobalServiceStatus.Summary(GlobalServiceConditions.receiving(facts.clusters())));
    }

    private void apply(GlobalService service, GlobalServiceStatus status) {
        GlobalService object = new GlobalService();
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace(service.getMetadata().getNamespace())
                .withName(service.getMetadata().getName())
                .withUid(service.getMetadata().getUid())
                .build());
        object.setStatus(status);
        parts.applier().applyStatus(object);
    }
}
