package io.tombolo.e2e;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.Map;

/** Pods that answer "pod ip <theirs>" on TCP and UDP 42. */
final class HelloPod {
    static final Map<String, String> LABELS = Map.of("app", Hello.NAME);

    private HelloPod() {}

    static Deployment deployment(String namespace, int replicas) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Hello.NAME)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withNewSelector()
                .withMatchLabels(LABELS)
                .endSelector()
                .withTemplate(template())
                .endSpec()
                .build();
    }

    /** Its pods are named hello-ss-0, hello-ss-1, … */
    static StatefulSet statefulSet(String namespace, int replicas) {
        return new StatefulSetBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(Hello.NAME + "-ss")
                .endMetadata()
                .withNewSpec()
                .withServiceName(Hello.NAME)
                .withReplicas(replicas)
                .withNewSelector()
                .withMatchLabels(LABELS)
                .endSelector()
                .withTemplate(template())
                .endSpec()
                .build();
    }

    private static PodTemplateSpec template() {
        // A connection closed with something unread in it is reset, and the answer with it. Whoever has said his last
        // word is answered within the time of -t, by itself half a second: a busy machine needs more to start a shell.
        String answer = "SYSTEM:'read -r asked; echo pod ip $IP'";
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(LABELS)
                .endMetadata()
                .withNewSpec()
                .withTerminationGracePeriodSeconds(0L)
                .addNewContainer()
                .withName(Hello.NAME)
                .withImage("lab/box:1")
                .withImagePullPolicy("IfNotPresent")
                .withCommand(
                        "sh",
                        "-c",
                        "socat -t 5 UDP6-RECVFROM:42,ipv6only=0,fork " + answer
                                + " & exec socat -t 5 TCP6-LISTEN:42,ipv6only=0,reuseaddr,fork " + answer)
                .addNewEnv()
                .withName("IP")
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath("status.podIP")
                .endFieldRef()
                .endValueFrom()
                .endEnv()
                .withNewReadinessProbe()
                .withNewTcpSocket()
                .withPort(new IntOrString(Hello.PORT))
                .endTcpSocket()
                .withPeriodSeconds(1)
                .endReadinessProbe()
                .endContainer()
                .endSpec()
                .build();
    }
}
