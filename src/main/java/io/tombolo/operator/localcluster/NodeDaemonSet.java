package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ObjectNames;
import java.util.Map;

/** The agent of every Linux node, gateway nodes too. */
final class NodeDaemonSet {
    static final String NAME = ObjectNames.NODE;
    static final String COMPONENT = "node";

    private NodeDaemonSet() {}

    static DaemonSet desired(LocalCluster cluster, String image) {
        return new DaemonSetBuilder()
                .withMetadata(Workload.metadata(cluster, COMPONENT, NAME))
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Workload.selector(COMPONENT))
                .endSelector()
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxUnavailable(new IntOrString("25%")) // an agent's restart leaves its node's routes alone
                .endRollingUpdate()
                .endUpdateStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(Workload.selector(COMPONENT))
                .endMetadata()
                .withSpec(pod(image))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static PodSpec pod(String image) {
        return new PodSpecBuilder()
                .withServiceAccountName(NAME)
                .withHostNetwork(true)
                .withDnsPolicy("ClusterFirstWithHostNet")
                .withPriorityClassName("system-node-critical")
                .withTerminationGracePeriodSeconds(30L)
                .withNodeSelector(Map.of("kubernetes.io/os", "linux"))
                .withTolerations(Workload.tolerateEverything())
                .withContainers(new ContainerBuilder(Workload.agent("node", image, "50m", "48Mi"))
                        .withSecurityContext(Workload.netAdmin())
                        .withReadinessProbe(Workload.readyFile())
                        .withVolumeMounts(Workload.mount("state", Workload.STATE_PATH), Workload.mount("tmp", "/tmp"))
                        .build())
                .withVolumes(
                        // beside the gateway's on a node that runs both
                        Workload.hostPath("state", "/run/tombolo-node", "DirectoryOrCreate"), Workload.memory("tmp"))
                .build();
    }
}
