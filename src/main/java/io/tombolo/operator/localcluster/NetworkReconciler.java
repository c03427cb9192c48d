package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
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
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.handover.NetworkDocumentCodec;
import io.tombolo.handover.NodeExportsCodec;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.NodeReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.operator.OperatorParts;
import io.tombolo.operator.TopologyReader;
import io.tombolo.operator.World;
import io.tombolo.operator.WorldEvents;
import io.tombolo.plan.tunnel.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * ConfigMap {@code tombolo-network}, in a controller of its own: an endpoint that comes or goes must be on its node's
 * firewall within a fraction of a second, and so never waits behind a pass that talks to the API a dozen times.
 */
@Ignore // of the Quarkus extension, which would make it a bean: OperatorProcess makes it, once per term
@GradualRetry(maxAttempts = OperatorParts.FOR_EVER, initialInterval = 200, intervalMultiplier = 2, maxInterval = 5_000)
@ControllerConfiguration(name = "network", fieldManager = ObjectNames.OPERATOR_MANAGER)
public final class NetworkReconciler implements Reconciler<LocalCluster> {
    private static final Duration UNTIL_SYNCED = Duration.ofMillis(100);
    private static final List<ResourceID> US = List.of(new ResourceID(ObjectNames.LOCAL_CLUSTER));

    private final OperatorParts parts;
    private final World world;
    private final AtomicLong moves = new AtomicLong(-1);

    public NetworkReconciler(OperatorParts parts) {
        this.parts = parts;
        this.world = parts.world();
    }

    @Override
    public List<EventSource<?, LocalCluster>> prepareEventSources(EventSourceContext<LocalCluster> context) {
        return List.of(
                // their status too, which JOSDK leaves out
                WorldEvents.ofPart(world, LocalCluster.class, "topology", LocalViewReader::part, _ -> US),
                WorldEvents.ofPart(world, ClusterLink.class, "topology", TopologyReader::part, _ -> US),
                WorldEvents.ofPart(world, Node.class, "addresses", NodeReader::part, _ -> US),
                events(ServiceExport.class, any -> exportsMoved()),
                events(EndpointSlice.class, World::isApiServer),
                events(Pod.class, pod -> pod.getMetadata().getName().startsWith(ObjectNames.GATEWAY)),
                events(Secret.class, secret -> secret.getMetadata().getName().equals(ObjectNames.GATEWAY)),
                events(ConfigMap.class, map -> map.getMetadata().getName().equals(NetworkDocument.CONFIG_MAP)));
    }

    private <R extends HasMetadata> EventSource<R, LocalCluster> events(Class<R> kind, Predicate<R> relevant) {
        return new WorldEvents<>(world, kind, changed -> relevant.test(changed) ? US : List.of());
    }

    /** Endpoints change their readiness far more often than their addresses, and the document does not say it. */
    private boolean exportsMoved() {
        long now = world.exports().moves();
        return moves.getAndSet(now) != now;
    }

    @Override
    public UpdateControl<LocalCluster> reconcile(LocalCluster cluster, Context<LocalCluster> context) {
        if (!world.isSynced()) {
            return UpdateControl.<LocalCluster>noUpdate().rescheduleAfter(UNTIL_SYNCED);
        }
        if (cluster.getMetadata().getDeletionTimestamp() == null) {
            parts.topology().read().ifPresent(planned -> publish(cluster, entries(planned.topology())));
        }
        return UpdateControl.noUpdate();
    }

    private Map<String, String> entries(Topology topology) {
        Map<String, String> entries = new TreeMap<>();
        NetworkDocument document = NetworkDocumentPlanner.plan(
                topology, Gateways.read(world.list(Pod.class)).nodes());
        entries.put(NetworkDocument.KEY, NetworkDocumentCodec.write(document));
        world.exports()
                .byNode()
                .forEach((node, exports) ->
                        entries.put(NetworkDocument.EXPORTS_KEY_PREFIX + node, NodeExportsCodec.write(exports)));
        return entries;
    }

    private void publish(LocalCluster cluster, Map<String, String> entries) {
        Optional<ConfigMap> observed = world.own(ConfigMap.class, NetworkDocument.CONFIG_MAP);
        if (observed.filter(map -> entries.equals(map.getData())).isPresent()) {
            return;
        }
        parts.applier()
                .apply(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(ObjectNames.namespace())
                        .withName(NetworkDocument.CONFIG_MAP)
                        .withOwnerReferences(Ownership.of(cluster))
                        .endMetadata()
                        .withData(entries)
                        .build());
    }
}
