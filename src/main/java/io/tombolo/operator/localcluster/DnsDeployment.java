package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.kube.ObjectNames;
import java.util.Map;

/** The servers of {@code clusterset.local}. */
final class DnsDeployment {
    static final String NAME = ObjectNames.DNS;
    static final String COMPONENT = "dns";
    /** Above 1023: the server has no capability. */
    static final int PORT = 5353;

    private static final int HEALTH_PORT = 8080;
    private static final int DEFAULT_REPLICAS = 2;

    private DnsDeployment() {}

    static Deployment desired(LocalCluster cluster, String image) {
        return new DeploymentBuilder()
                .withMetadata(Workload.metadata(cluster, COMPONENT, NAME))
                .withNewSpec()
                .withReplicas(replicas(cluster.getSpec()))
                .withNewSelector()
                .withMatchLabels(Workload.selector(COMPONENT))
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxUnavailable(new IntOrString(0))
                .withMaxSurge(new IntOrString(1))
                .endRollingUpdate()
                .endStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(Workload.selector(COMPONENT))
                .endMetadata()
                .withSpec(pod(image))
                .endTemplate()
                .endSpec()
                .build();
    }

    static int replicas(LocalClusterSpec spec) {
        return spec.dns() != null && spec.dns().replicas() != null ? spec.dns().replicas() : DEFAULT_REPLICAS;
    }

    private static PodSpec pod(String image) {
        return new PodSpecBuilder()
                .withServiceAccountName(NAME)
                .withPriorityClassName("system-cluster-critical")
                .withNodeSelector(Map.of("kubernetes.io/os", "linux"))
                .withTolerations(new TolerationBuilder()
                        .withKey("node-role.kubernetes.io/control-plane")
                        .withOperator("Exists")
                        .withEffect("NoSchedule")
                        .build())
                .withAffinity(Workload.spread(COMPONENT, false))
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withRunAsGroup(65532L)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withContainers(new ContainerBuilder(Workload.agent("dns", image, "50m", "96Mi"))
                        .withPorts(
                                port("dns", PORT, "UDP"),
                                port("dns-tcp", PORT, "TCP"),
                                port("http", HEALTH_PORT, "TCP"))
                        .withSecurityContext(sealed())
                        .withReadinessProbe(asks("/readyz", 1))
                        .withLivenessProbe(asks("/healthz", 10))
                        .withVolumeMounts(Workload.mount("state", Workload.STATE_PATH), Workload.mount("tmp", "/tmp"))
                        .build())
                .withVolumes(Workload.memory("state"), Workload.memory("tmp"))
                .build();
    }

    private static SecurityContext sealed() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .build();
    }

    private static Probe asks(String path, int periodSeconds) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withPort(new IntOrString("http"))
                .endHttpGet()
                .withPeriodSeconds(periodSeconds)
                .withTimeoutSeconds(5)
                .withFailureThreshold(periodSeconds == 1 ? 3 : 6)
                .build();
    }

    private static ContainerPort port(String name, int port, String protocol) {
        return new ContainerPortBuilder()
                .withName(name)
                .withContainerPort(port)
                .withProtocol(protocol)
                .build();
    }
}
