package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Ignore;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.DnsWiring;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.LinkReader;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.NodeReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.operator.OperatorParts;
import io.tombolo.operator.World;
import io.tombolo.operator.WorldEvents;
import io.tombolo.operator.clusterlink.PresharedKeyReader;
import io.tombolo.plan.dns.Corefile;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.Identity;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** From the one LocalCluster to keys, announcement, workloads and wiring. */
@Ignore // of the Quarkus extension, which would make it a bean: OperatorProcess makes it, once per term
@GradualRetry(maxAttempts = OperatorParts.FOR_EVER, initialInterval = 200, intervalMultiplier = 2, maxInterval = 5_000)
@ControllerConfiguration(
        name = "localcluster",
        fieldManager = ObjectNames.OPERATOR_MANAGER,
        // somebody else's tools rewrite the Corefile now and then, and we do not watch kube-system
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 1, timeUnit = TimeUnit.MINUTES))
public final class LocalClusterReconciler implements Reconciler<LocalCluster> {
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(100);
    private static final List<ResourceID> US = List.of(new ResourceID(ObjectNames.LOCAL_CLUSTER));

    private final OperatorParts parts;
    private final World world;
    private final IdentitySecret identitySecret;
    private final GatewayKeys gatewayKeys;
    private final AnnouncementPublisher announcement;
    private final ClusterPropertyApplier clusterProperties;
    private final Rollout rollout;

    public LocalClusterReconciler(OperatorParts parts) {
        this.parts = parts;
        this.world = parts.world();
        this.identitySecret = new IdentitySecret(parts.client());
        this.gatewayKeys = new GatewayKeys(parts.client(), parts.clock());
        this.announcement = new AnnouncementPublisher(parts.client(), parts.clock());
        this.clusterProperties = new ClusterPropertyApplier(parts.applier(), parts.clock());
        this.rollout = new Rollout(parts.applier(), world, parts.image());
    }

    @Override
    public List<EventSource<?, LocalCluster>> prepareEventSources(EventSourceContext<LocalCluster> context) {
        return List.of(
                events(LocalCluster.class, ""), // for its annotations, which JOSDK's own source leaves out
                WorldEvents.ofPart(world, Node.class, "addresses", NodeReader::part, _ -> US),
                WorldEvents.ofPart(world, ClusterLink.class, "use", LocalClusterReconciler::used, _ -> US),
                events(Secret.class, ""),
                events(Pod.class, ObjectNames.GATEWAY),
                // tombolo-network changes with every endpoint of an exported Service
                events(ConfigMap.class, ObjectNames.ANNOUNCEMENT),
                events(StatefulSet.class, ""),
                events(DaemonSet.class, ""),
                events(Deployment.class, ""));
    }

    private <R extends HasMetadata> EventSource<R, LocalCluster> events(Class<R> kind, String prefix) {
        return new WorldEvents<>(
                world, kind, changed -> changed.getMetadata().getName().startsWith(prefix) ? US : List.of());
    }

    /** What of a link our keys, our announcement, our workloads and our own status come from. */
    private static Object used(ClusterLink link) {
        Optional<ClusterLinkStatus> status = Optional.ofNullable(link.getStatus());
        return List.of(
                link.getMetadata().getUid(),
                Optional.ofNullable(link.getMetadata().getGeneration()),
                isReady(link),
                status.map(ClusterLinkStatus::paths).stream()
                        .flatMap(List::stream)
                        .map(path -> List.of(
                                path.localSlot(),
                                path.state(),
                                Optional.ofNullable(path.reason()),
                                Optional.ofNullable(path.message()),
                                Optional.ofNullable(path.keyGeneration())))
                        .toList(),
                status.map(ClusterLinkStatus::peer).map(ClusterLinkStatus.Peer::acknowledged),
                status.map(ClusterLinkStatus::peer).map(ClusterLinkStatus.Peer::gateways));
    }

    @Override
    public UpdateControl<LocalCluster> reconcile(LocalCluster cluster, Context<LocalCluster> context) {
        if (!world.isSynced()) {
            return UpdateControl.<LocalCluster>noUpdate().rescheduleAfter(UNTIL_SYNCED);
        }
        if (cluster.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate(); // what is ours goes by ownership
        }
        if (cluster.getStatus() == null || cluster.getStatus().conditions() == null) {
            write(
                    cluster,
                    empty(),
                    LocalClusterConditions.first(cluster.getMetadata().getGeneration()));
        }
        Identity identity;
        try {
            identity = identitySecret.ensure(cluster);
        } catch (IllegalArgumentException e) {
            stall(
                    cluster,
                    Finding.of(
                            Problem.SECRET_MALFORMED,
                            "Secret " + ObjectNames.IDENTITY_SECRET + ": " + e.getMessage()
                                    + "; restore it from a backup, or delete it and invite every peer anew"));
            return UpdateControl.noUpdate();
        }
        proceed(cluster, identity);
        return UpdateControl.noUpdate();
    }

    private void proceed(LocalCluster cluster, Identity identity) {
        List<LocalView.Node> nodes = NodeReader.readAll(world.list(Node.class));
        NetworkDetector network = NetworkDetector.detect(cluster.getSpec(), nodes, parts.serviceCidrs()::read);
        List<ClusterLink> links = world.list(ClusterLink.class);
        RotationReader.Result rotation = RotationReader.read(cluster);
        GatewayKeys.Keys dated = gatewayKeys.ensure(
                cluster,
                LocalViewReader.replicas(cluster.getSpec()),
                presharedKeys(links),
                rotation.schedule(),
                LaneKeyUse.of(links));
        GatewaySecret keys = dated.secret();
        Gateways gateways = Gateways.read(world.list(Pod.class));
        LocalClusterStatus.Invitation invitation =
                gateways.invitation(cluster, identity.publicKey(), keys, name -> world.get(Node.class, name));
        LocalClusterStatus known = new LocalClusterStatus(
                cluster.getMetadata().getGeneration(),
                null,
                network.status(),
                invitation,
                null,
                null,
                null,
                null,
                null);
        if (!network.podCidrs().isEmpty()) {
            LocalView local = LocalViewReader.read(with(cluster, known), keys, nodes, List.of())
                    .orElseThrow();
            announcement.publish(cluster, local, identity, links);
        }
        Service dns = rollout.apply(cluster, GatewayStatefulSet.lanes(cluster.getSpec(), links));
        clusterProperties.apply(cluster);
        InetAddress dnsAddress = Addresses.parse(dns.getSpec().getClusterIP());
        DnsWiring wiring = wiring(cluster);
        Optional<Finding> notWired = parts.coredns().wire(wiring, dnsAddress);
        LocalClusterConditions.Facts facts =
                facts(cluster, gateways, links, network, wiring, notWired, rotation, dated);
        write(
                cluster,
                new LocalClusterStatus(
                        cluster.getMetadata().getGeneration(),
                        null,
                        network.status(),
                        invitation,
                        gateways.status(
                                cluster,
                                dated,
                                parts.clock()
                                        .instant()
                                        .truncatedTo(ChronoUnit.SECONDS)
                                        .toString()),
                        new LocalClusterStatus.Nodes((int) facts.nodes().wanted(), (int)
                                facts.nodes().ready()),
                        new LocalClusterStatus.Dns(
                                Addresses.text(dnsAddress), Corefile.block(dnsAddress, Corefile.DEFAULT_PORT)),
                        new LocalClusterStatus.Links(links.size(), ready(links)),
                        parts.version()),
                LocalClusterConditions.of(facts, cluster.getMetadata().getGeneration()));
    }

    private LocalClusterConditions.Facts facts(
            LocalCluster cluster,
            Gateways gateways,
            List<ClusterLink> links,
            NetworkDetector network,
            DnsWiring wiring,
            Optional<Finding> notWired,
            RotationReader.Result rotation,
            GatewayKeys.Keys keys) {
        LocalClusterConditions.Count nodes = world.own(DaemonSet.class, NodeDaemonSet.NAME)
                .map(DaemonSet::getStatus)
                .map(s -> new LocalClusterConditions.Count(
                        Rollout.or0(s.getNumberReady()), Rollout.or0(s.getDesiredNumberScheduled())))
                .orElse(new LocalClusterConditions.Count(
                        0, world.list(Node.class).size()));
        long dnsReady = world.own(Deployment.class, DnsDeployment.NAME)
                .map(Deployment::getStatus)
                .map(s -> Rollout.or0(s.getReadyReplicas()))
                .orElse(0);
        return new LocalClusterConditions.Facts(
                new LocalClusterConditions.Count(gateways.ready(), LocalViewReader.replicas(cluster.getSpec())),
                nodes,
                new LocalClusterConditions.Count(dnsReady, DnsDeployment.replicas(cluster.getSpec())),
                LocalClusterConditions.gatewayFault(links),
                network.findings(),
                wiring,
                notWired,
                rotation.finding(),
                keys.changing(LocalViewReader.replicas(cluster.getSpec())));
    }

    private Map<ClusterId, PresharedKey> presharedKeys(List<ClusterLink> links) {
        Map<ClusterId, PresharedKey> keys = new HashMap<>();
        Map<ClusterId, PresharedKey> held = world.own(Secret.class, ObjectNames.GATEWAY)
                .map(secret -> Map.copyOf(GatewaySecret.decode(secret).presharedKeys()))
                .orElse(Map.of());
        for (ClusterLink link : links) {
            if (!(LinkReader.read(link, GatewaySecret.empty()) instanceof LinkReader.Result.Read(LinkView view))) {
                continue; // its own status says why
            }
            ClusterId id = view.name();
            switch (PresharedKeyReader.read(link, name -> world.own(Secret.class, name))) {
                case PresharedKeyReader.Result.None() -> {}
                case PresharedKeyReader.Result.Found(PresharedKey key) -> keys.put(id, key);
                // a Secret that went or broke takes nothing down: the last good key stays
                case PresharedKeyReader.Result.Broken(Finding ignored) ->
                    Optional.ofNullable(held.get(id)).ifPresent(key -> keys.put(id, key));
            }
        }
        return keys;
    }

    private void stall(LocalCluster cluster, Finding finding) {
        Long generation = cluster.getMetadata().getGeneration();
        String reason = finding.problem().reason();
        write(
                cluster,
                cluster.getStatus() == null ? empty() : cluster.getStatus(),
                List.of(
                        Conditions.of(Conditions.READY, false, reason, finding.message(), generation),
                        Conditions.of(Conditions.STALLED, true, reason, finding.message(), generation)));
    }

    @Override
    public ErrorStatusUpdateControl<LocalCluster> updateErrorStatus(
            LocalCluster cluster, Context<LocalCluster> context, Exception e) {
        return ErrorStatusUpdateControl
                .noStatusUpdate(); // the API's refusal is logged and tried again; state is as it was
    }

    /** Writes on change only. */
    private void write(LocalCluster cluster, LocalClusterStatus status, List<Condition> conditions) {
        List<Condition> before =
                cluster.getStatus() == null ? null : cluster.getStatus().conditions();
        LocalClusterStatus wanted = new LocalClusterStatus(
                cluster.getMetadata().getGeneration(),
                Conditions.merge(before, conditions, Instant.now(parts.clock())),
                status.network(),
                status.invitation(),
                status.gateways(),
                status.nodes(),
                status.dns(),
                status.links(),
                status.version());
        if (wanted.equals(cluster.getStatus())) {
            return;
        }
        LocalCluster object = with(cluster, wanted);
        object.setSpec(null);
        parts.applier().applyStatus(object);
        parts.events().tellOfChange(cluster, before, wanted.conditions());
    }

    private static LocalCluster with(LocalCluster cluster, LocalClusterStatus status) {
        LocalCluster copy = new LocalCluster();
        copy.setMetadata(new ObjectMetaBuilder()
                .withName(cluster.getMetadata().getName())
                .build());
        copy.setSpec(cluster.getSpec());
        copy.setStatus(status);
        return copy;
    }

    private static LocalClusterStatus empty() {
        return new LocalClusterStatus(null, null, null, null, null, null, null, null, null);
    }

    private static int ready(List<ClusterLink> links) {
        return (int) links.stream().filter(LocalClusterReconciler::isReady).count();
    }

    private static boolean isReady(ClusterLink link) {
        return link.getStatus() != null && Conditions.isTrue(link.getStatus().conditions(), Conditions.READY);
    }

    private static DnsWiring wiring(LocalCluster cluster) {
        return cluster.getSpec().dns() == null || cluster.getSpec().dns().wiring() == null
                ? DnsWiring.AUTO
                : cluster.getSpec().dns().wiring();
    }
}
