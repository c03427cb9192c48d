package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ObjectNames;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the pods of gateway, node and dns have in common. */
final class Workload {
    /** Where every agent keeps its state and says that it is ready ({@code io.tombolo.host.StateDirectory}). */
    static final String STATE_PATH = "/run/tombolo";

    private static final String NAME_LABEL = "app.kubernetes.io/name";
    private static final String COMPONENT_LABEL = "app.kubernetes.io/component";

    private Workload() {}

    static Map<String, String> selector(String component) {
        return new TreeMap<>(Map.of(NAME_LABEL, "tombolo", COMPONENT_LABEL, component));
    }

    /** An object of ours in our namespace, gone with its LocalCluster. */
    static ObjectMeta metadata(LocalCluster owner, String component, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(ObjectNames.namespace())
                .withLabels(selector(component))
                .withOwnerReferences(Ownership.of(owner))
                .build();
    }

    static List<Toleration> tolerateEverything() {
        return List.of(new TolerationBuilder().withOperator("Exists").build());
    }

    /** An agent that programs its node's network: root in a sealed container, with NET_ADMIN and nothing else. */
    static SecurityContext netAdmin() {
        return new SecurityContextBuilder()
                .withRunAsUser(0L)
                .withPrivileged(false)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .withAdd("NET_ADMIN")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }

    static Container agent(String role, String image, String cpu, String memory) {
        return new ContainerBuilder()
                .withName("agent")
                .withImage(image)
                .withImagePullPolicy("IfNotPresent")
                .withArgs(role)
                .withEnv(
                        fromField("POD_NAME", "metadata.name"),
                        fromField("POD_UID", "metadata.uid"),
                        fromField("NODE_NAME", "spec.nodeName"))
                .withResources(requests(cpu, memory))
                .build();
    }

    /** Ready once the agent has applied its own plan; never depends on a peer. */
    static Probe readyFile() {
        return new ProbeBuilder()
                .withNewExec()
                .withCommand("test", "-f", STATE_PATH + "/ready")
                .endExec()
                .withPeriodSeconds(5) // each costs the node a process in a container: 50 ms of a processor
                .withTimeoutSeconds(5) // a busy node takes its time to start a process
                .build();
    }

    static EnvVar fromField(String name, String path) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef()
                .withApiVersion("v1")
                .withFieldPath(path)
                .endFieldRef()
                .endValueFrom()
                .build();
    }

    static ResourceRequirements requests(String cpu, String memory) {
        return new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity(cpu))
                .addToRequests("memory", new Quantity(memory))
                .build();
    }

    static Volume hostPath(String name, String path, String type) {
        return new VolumeBuilder()
                .withName(name)
                .withNewHostPath()
                .withPath(path)
                .withType(type)
                .endHostPath()
                .build();
    }

    /** In memory: what lies there may be a key. */
    static Volume memory(String name) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withMedium("Memory")
                .endEmptyDir()
                .build();
    }

    static VolumeMount mount(String name, String path) {
        return new VolumeMountBuilder().withName(name).withMountPath(path).build();
    }

    /** Prefers, or demands, that pods of one component run on different nodes. */
    static Affinity spread(String component, boolean demanded) {
        var term = new io.fabric8.kubernetes.api.model.PodAffinityTermBuilder()
                .withTopologyKey("kubernetes.io/hostname")
                .withNewLabelSelector()
                .withMatchLabels(selector(component))
                .endLabelSelector()
                .build();
        var affinity = new io.fabric8.kubernetes.api.model.PodAntiAffinityBuilder();
        if (demanded) {
            affinity.withRequiredDuringSchedulingIgnoredDuringExecution(term);
        } else {
            affinity.addNewPreferredDuringSchedulingIgnoredDuringExecution()
                    .withWeight(100)
                    .withPodAffinityTerm(term)
                    .endPreferredDuringSchedulingIgnoredDuringExecution();
        }
        return new io.fabric8.kubernetes.api.model.AffinityBuilder()
                .withPodAntiAffinity(affinity.build())
                .build();
    }
}
