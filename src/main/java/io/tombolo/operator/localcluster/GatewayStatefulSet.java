package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.LifecycleBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkSpec;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.plan.tunnel.Wire;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The gateways: pod {@code tombolo-gateway-i} is slot i. */
final class GatewayStatefulSet {
    static final String NAME = ObjectNames.GATEWAY;
    static final String COMPONENT = "gateway";
    /**
     * Every gateway has two lanes, and all of them drain, whatever there is to connect: a pod that differed between one
     * gateway and two would be renewed by the change, in both clusters at once, and with it the only way there is.
     */
    private static final int FEWEST_LANES = 2;

    /** Seconds. What observers need to choose another slot, many times over. */
    private static final String DRAIN = "2";

    private GatewayStatefulSet() {}

    /**
     * How many lanes each gateway has: as many as its largest peer has gateways. Peers are often alike, and another number
     * renews every gateway, hence at least as many as there are of ours, and never fewer than two.
     */
    static int lanes(LocalClusterSpec spec, Collection<ClusterLink> links) {
        IntStream peers = links.stream()
                .flatMapToInt(link -> IntStream.concat(
                        Stream.ofNullable(link.getSpec().gateways())
                                .flatMap(List::stream)
                                .mapToInt(ClusterLinkSpec.Gateway::slot),
                        Stream.ofNullable(link.getStatus())
                                .flatMap(status -> Stream.ofNullable(status.peer()))
                                .flatMap(peer -> Stream.ofNullable(peer.gateways()))
                                .flatMap(List::stream)
                                .mapToInt(ClusterLinkStatus.Slot::slot)))
                .map(slot -> slot + 1);
        return IntStream.concat(IntStream.of(FEWEST_LANES, LocalViewReader.replicas(spec)), peers)
                .max()
                .orElseThrow();
    }

    /** @param lanes see {@link #lanes} */
    static StatefulSet desired(LocalCluster cluster, String image, int lanes) {
        return new StatefulSetBuilder()
                .withMetadata(Workload.metadata(cluster, COMPONENT, NAME))
                .withNewSpec()
                .withReplicas(LocalViewReader.replicas(cluster.getSpec()))
                .withServiceName(NAME)
                .withPodManagementPolicy("Parallel") // a slot that cannot start never holds up another
                .withMinReadySeconds(10)
                .withNewSelector()
                .withMatchLabels(Workload.selector(COMPONENT))
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(Workload.selector(COMPONENT))
                .endMetadata()
                .withSpec(pod(cluster.getSpec(), image, lanes))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static PodSpec pod(LocalClusterSpec spec, String image, int lanes) {
        LocalClusterSpec.Gateways gateways = spec.gateways();
        Map<String, String> nodes = new TreeMap<>(Map.of("kubernetes.io/os", "linux"));
        List<Toleration> tolerations = new ArrayList<>();
        if (gateways != null && gateways.nodeSelector() != null) {
            nodes.putAll(gateways.nodeSelector());
        }
        if (gateways != null && gateways.tolerations() != null) {
            tolerations.addAll(gateways.tolerations());
        }
        return new PodSpecBuilder()
                .withServiceAccountName(NAME)
                .withHostNetwork(true)
                .withDnsPolicy("ClusterFirstWithHostNet")
                .withPriorityClassName("system-node-critical")
                // 25 s of waiting for proof that the installation is gone, and what cleaning takes
                .withTerminationGracePeriodSeconds(30L)
                .withNodeSelector(nodes)
                .withTolerations(tolerations)
                .withAffinity(affinity())
                .withContainers(containers(image, lanes))
                .withVolumes(
                        Workload.hostPath("tun", "/dev/net/tun", "CharDevice"),
                        Workload.hostPath("state", "/run/tombolo", "DirectoryOrCreate"),
                        Workload.memory("sockets"),
                        Workload.memory("tmp"))
                .build();
    }

    private static Affinity affinity() {
        return new AffinityBuilder(Workload.spread(COMPONENT, true))
                .withNewNodeAffinity()
                .addNewPreferredDuringSchedulingIgnoredDuringExecution()
                .withWeight(100)
                .withNewPreference()
                .addNewMatchExpression()
                .withKey(ObjectNames.GATEWAY_NODE_LABEL)
                .withOperator("Exists")
                .endMatchExpression()
                .endPreference()
                .endPreferredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }

    private static List<Container> containers(String image, int lanes) {
        List<Container> containers = new ArrayList<>(List.of(agent(image), wireguard(image, Wire.DOOR_DEVICE)));
        IntStream.range(0, lanes).forEach(k -> containers.add(wireguard(image, Wire.laneDevice(k))));
        return containers;
    }

    private static Container agent(String image) {
        return new ContainerBuilder(Workload.agent("gateway", image, "100m", "96Mi"))
                .withSecurityContext(Workload.netAdmin())
                .withReadinessProbe(Workload.readyFile())
                .withVolumeMounts(
                        Workload.mount("tun", "/dev/net/tun"),
                        Workload.mount("state", Workload.STATE_PATH),
                        Workload.mount("sockets", "/var/run/wireguard"),
                        Workload.mount("tmp", "/tmp"))
                .build();
    }

    /** One process per device, in a container of its own, so that the agent's restart never touches it. */
    private static Container wireguard(String image, String device) {
        return new ContainerBuilder()
                .withName("wireguard-" + device)
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withCommand("tombolo-wireguard", device)
                // its share of a busy node decides whether packets wait in its socket or are dropped there
                .withResources(Workload.requests("100m", "32Mi"))
                .withSecurityContext(Workload.netAdmin())
                // packets are still on their way here while the agent asks everybody to use another slot
                .withLifecycle(new LifecycleBuilder()
                        .withNewPreStop()
                        .withNewExec()
                        .withCommand("sleep", DRAIN)
                        .endExec()
                        .endPreStop()
                        .build())
                .withVolumeMounts(
                        Workload.mount("tun", "/dev/net/tun"), Workload.mount("sockets", "/var/run/wireguard"))
                .build();
    }
}
