package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.kube.Applier;
import io.tombolo.kube.RealApiServer;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On a real API server, whose workloads no controller touches. */
class SettledApplierTest {
    private static final KubernetesClient API = RealApiServer.shared().admin();

    private int requests;
    private final SettledApplier applier = new SettledApplier(new Applier(API, "test", () -> ++requests > 0));

    @AfterEach
    void clean() {
        API.apps().deployments().inNamespace("default").withName("settled").delete();
        API.services().inNamespace("default").withName("settled").delete();
    }

    @Test
    void whatIsAsItWasAppliedIsNotAppliedAgain() {
        applier.apply(deployment("one"), Optional.empty());
        applier.apply(deployment("one"), Optional.of(deployment()));
        API.resource(deployment()).editStatus(d -> new DeploymentBuilder(d)
                .withNewStatus()
                .withReplicas(1)
                .endStatus()
                .build());
        applier.apply(deployment("one"), Optional.of(deployment()));
        assertEquals(1, requests);
        applier.apply(deployment("two"), Optional.of(deployment()));
        assertEquals(2, requests);
    }

    @Test
    void whatSomebodyChangedOrDeletedIsAppliedAgain() {
        applier.apply(deployment("one"), Optional.empty());
        API.resource(deployment()).edit(d -> {
            d.getMetadata().setLabels(Map.of());
            return d;
        });
        applier.apply(deployment("one"), Optional.of(deployment()));
        assertEquals(Map.of("app", "settled"), deployment().getMetadata().getLabels());
        API.resource(deployment()).edit(d -> {
            d.getSpec().getTemplate().getSpec().getContainers().getFirst().setImage("other");
            return d;
        });
        applier.apply(deployment("one"), Optional.of(deployment()));
        assertEquals(
                "one",
                deployment()
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage());
        clean();
        applier.apply(deployment("one"), Optional.empty());
        assertEquals(4, requests);
    }

    @Test
    void aKindWithoutGenerationIsComparedByItsVersion() {
        Service made = applier.apply(service(), Optional.empty());
        assertEquals(made, applier.apply(service(), Optional.of(made)));
        assertEquals(1, requests);
        Service edited = API.resource(made).edit(s -> {
            s.getSpec().setSelector(Map.of("app", "other"));
            return s;
        });
        Service mended = applier.apply(service(), Optional.of(edited));
        assertEquals("settled", mended.getSpec().getSelector().get("app"));
        assertEquals(2, requests);
    }

    private static Deployment deployment() {
        return API.apps()
                .deployments()
                .inNamespace("default")
                .withName("settled")
                .require();
    }

    private static Deployment deployment(String image) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("settled")
                .addToLabels("app", "settled")
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .addToMatchLabels("app", "settled")
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels("app", "settled")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("it")
                .withImage(image)
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static Service service() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("settled")
                .endMetadata()
                .withNewSpec()
                .addToSelector("app", "settled")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }
}
