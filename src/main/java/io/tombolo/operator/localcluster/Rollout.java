package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatus;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.Applier;
import io.tombolo.operator.World;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Our workloads, in the order of an upgrade: nodes, then gateways, then dns. What does not exist yet is created at once;
 * what runs another image waits until the one before it has rolled out, so that a bad image stops at the nodes.
 */
final class Rollout {
    private final SettledApplier applier;
    private final World world;
    private final String image;

    Rollout(Applier applier, World world, String image) {
        this.applier = new SettledApplier(applier);
        this.world = world;
        this.image = image;
    }

    /**
     * @param lanes of each gateway
     * @return Service {@code tombolo-dns} as it is now, with its ClusterIP
     */
    Service apply(LocalCluster cluster, int lanes) {
        Service dns = applier.apply(DnsService.desired(cluster), world.own(Service.class, DnsDeployment.NAME));
        Optional<DaemonSet> node = world.own(DaemonSet.class, NodeDaemonSet.NAME);
        Optional<StatefulSet> gateway = world.own(StatefulSet.class, GatewayStatefulSet.NAME);
        Optional<Deployment> servers = world.own(Deployment.class, DnsDeployment.NAME);
        applier.apply(NodeDaemonSet.desired(cluster, image), node);
        boolean nodesDone = node.map(this::isRolledOut).orElse(true);
        if (nodesDone || gateway.map(g -> runs(g.getSpec().getTemplate())).orElse(true)) {
            applier.apply(GatewayStatefulSet.desired(cluster, image, lanes), gateway);
        }
        boolean gatewaysDone = nodesDone && gateway.map(this::isRolledOut).orElse(true);
        if (gatewaysDone || servers.map(d -> runs(d.getSpec().getTemplate())).orElse(true)) {
            applier.apply(DnsDeployment.desired(cluster, image), servers);
        }
        return dns;
    }

    /** Pods on nodes that are away cannot be renewed and do not count. */
    private boolean isRolledOut(DaemonSet set) {
        DaemonSetStatus status = set.getStatus();
        return runs(set.getSpec().getTemplate())
                && status != null
                && observed(status.getObservedGeneration(), set.getMetadata().getGeneration())
                && or0(status.getDesiredNumberScheduled()) - or0(status.getUpdatedNumberScheduled())
                        <= or0(status.getNumberUnavailable());
    }

    private boolean isRolledOut(StatefulSet set) {
        StatefulSetStatus status = set.getStatus();
        return runs(set.getSpec().getTemplate())
                && status != null
                && observed(status.getObservedGeneration(), set.getMetadata().getGeneration())
                && or0(status.getUpdatedReplicas()) >= or0(set.getSpec().getReplicas())
                && or0(status.getAvailableReplicas()) >= or0(set.getSpec().getReplicas());
    }

    private boolean runs(PodTemplateSpec template) {
        return template.getSpec().getContainers().stream().allMatch(c -> image.equals(c.getImage()));
    }

    private static boolean observed(@Nullable Long seen, @Nullable Long generation) {
        return seen != null && generation != null && seen >= generation;
    }

    static int or0(@Nullable Integer number) {
        return number == null ? 0 : number;
    }
}
