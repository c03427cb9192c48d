package io.tombolo.operator;

import static io.tombolo.operator.RunningOperator.PATIENCE;
import static io.tombolo.operator.RunningOperator.PROMPT;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.mcs.ServiceExport;
import io.tombolo.api.v1alpha1.GlobalService;
import io.tombolo.api.v1alpha1.GlobalServiceStatus;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.Names;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a GlobalService to its ServiceExport, and from what stands of its import to what it says. */
@NullUnmarked // what is not there fails the test as it should
class GlobalServiceTest {
    private RunningOperator operator;

    @BeforeEach
    void start() {
        operator = RunningOperator.start();
    }

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void ownsAnExportWhereAServiceExistsAndNoneStandsThere() {
        operator.create("west");
        service("web", "{ports: [{port: 80}], selector: {app: web}}");
        operator.admin()
                .resource(operator.globalService("default", "web", "{}"))
                .create();

        operator.awaitReason(PATIENCE, () -> operator.conditionsOfService("default", "web"), "Exported", "Exported");
        ServiceExport export = export("web");
        assertEquals(
                Boolean.FALSE,
                export.getMetadata().getOwnerReferences().getFirst().getBlockOwnerDeletion());
        operator.admin().services().inNamespace("default").withName("web").delete();
        await().atMost(PROMPT).until(() -> export("web") == null);
        operator.awaitReason(
                PROMPT, () -> operator.conditionsOfService("default", "web"), "Exported", "NoLocalService");
    }

    @Test
    void leavesAnExportThatStandsThereToItsMaker() {
        operator.create("west");
        service("web", "{ports: [{port: 80}], selector: {app: web}}");
        ServiceExport theirs = new ServiceExport();
        theirs.setMetadata(new io.fabric8.kubernetes.api.model.ObjectMetaBuilder()
                .withNamespace("default")
                .withName("web")
                .build());
        operator.admin().resource(theirs).create();

        operator.admin()
                .resource(operator.globalService("default", "web", "{}"))
                .create();

        operator.awaitReason(PATIENCE, () -> operator.conditionsOfService("default", "web"), "Exported", "Exported");
        assertTrue(export("web").getMetadata().getOwnerReferences().isEmpty());
    }

    @Test
    void refusesServicesThatCannotBeExported() {
        operator.create("west");
        service("named", "{type: ExternalName, externalName: example.com}");
        service("bare", "{ports: [{port: 80}]}");
        service("portless", "{clusterIP: None, selector: {app: x}}");
        for (String name : List.of("named", "bare", "portless", "absent")) {
            operator.admin()
                    .resource(operator.globalService("default", name, "{}"))
                    .create();
        }

        operator.awaitReason(
                PATIENCE, () -> operator.conditionsOfService("default", "named"), "Ready", "ServiceTypeUnsupported");
        operator.awaitReason(
                PATIENCE, () -> operator.conditionsOfService("default", "bare"), "Ready", "SelectorRequired");
        operator.awaitReason(
                PATIENCE, () -> operator.conditionsOfService("default", "portless"), "Ready", "PortsInvalid");
        operator.awaitReason(
                PATIENCE, () -> operator.conditionsOfService("default", "absent"), "Ready", "NoLocalService");
        assertEquals(null, export("named"));
        service("bare", "{ports: [{port: 80}], selector: {app: x}}");
        operator.awaitReason(PROMPT, () -> operator.conditionsOfService("default", "bare"), "Ready", "Exported");
    }

    @Test
    void saysWhichClusterOfTheRoutingIsUnknown() {
        operator.create("west");
        service("web", "{ports: [{port: 80}], selector: {app: web}}");
        operator.admin()
                .resource(operator.globalService(
                        "default", "web", "{routing: {strategy: Ordered, order: [west, nowhere]}}"))
                .create();

        Condition accepted = operator.awaitReason(
                PATIENCE, () -> operator.conditionsOfService("default", "web"), "Accepted", "UnknownCluster");
        assertEquals("spec.routing.order: there is no ClusterLink nowhere", accepted.getMessage());
        operator.awaitReason(PROMPT, () -> operator.conditionsOfService("default", "web"), "Routed", "Routed");
        GlobalService weighted = operator.globalService(
                "default",
                "web",
                "{routing: {strategy: Weighted, weights: [{cluster: west, weight: 1}, {cluster: nowhere, weight: 1}]}}");
        operator.admin().resource(weighted).update();
        await().atMost(PROMPT).until(() -> Objects.requireNonNull(
                        Conditions.find(operator.conditionsOfService("default", "web"), "Accepted"))
                .getMessage()
                .equals("spec.routing.weights: there is no ClusterLink nowhere"));
    }

    @Test
    void saysWhoReceivesWhichShareAndWhy() {
        operator.create("west");
        try (KubernetesClient importer = RealApiServer.shared().agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "n1")) {
            String derived = Names.derivedService(new NamespacedName("default", "web"));
            importer.resource(derived(derived)).create();
            importer.resource(slice("exported", ObjectNames.MCS_CLUSTER_LABEL, "web", ObjectNames.MCS_SERVICE_LABEL))
                    .create();
            importer.resource(slice("receiving", ObjectNames.SOURCE_LABEL, derived, "kubernetes.io/service-name"))
                    .create();
        }
        String routing =
                "{routing: {strategy: Weighted, weights: [{cluster: west, weight: 4}, {cluster: east, weight: 1}]}}";
        operator.admin()
                .resource(operator.globalService("default", "web", routing))
                .create();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertEquals(
                        List.of(
                                new GlobalServiceStatus.Cluster(
                                        "north",
                                        GlobalServiceStatus.ClusterState.EXCLUDED,
                                        0,
                                        3,
                                        2,
                                        "sharing does not let its exports into this namespace"),
                                new GlobalServiceStatus.Cluster(
                                        "west",
                                        GlobalServiceStatus.ClusterState.RECEIVING,
                                        100,
                                        2,
                                        1,
                                        "its weight is 4")),
                        clusters()));
    }

    private List<GlobalServiceStatus.Cluster> clusters() {
        GlobalServiceStatus status = operator.admin()
                .resources(GlobalService.class)
                .inNamespace("default")
                .withName("web")
                .get()
                .getStatus();
        return status == null ? null : status.clusters();
    }

    private static Service derived(String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withLabels(Map.of(ObjectNames.DERIVED_LABEL, "true", ObjectNames.SERVICE_LABEL, "web"))
                .withAnnotations(Map.of(ObjectNames.WRITER_EPOCH_ANNOTATION, "1", "tombolo.io/excluded", "north=2/3"))
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withName("http")
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    /** Of west: one endpoint that is ready and one that is not. */
    private static EndpointSlice slice(String name, String clusterLabel, String service, String serviceLabel) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withLabels(Map.of(
                        ObjectNames.MANAGED_BY_LABEL,
                        ObjectNames.MANAGED_BY,
                        ObjectNames.SERVICE_LABEL,
                        "web",
                        clusterLabel,
                        "west",
                        serviceLabel,
                        service))
                .withAnnotations(Map.of(ObjectNames.WRITER_EPOCH_ANNOTATION, "1"))
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("http")
                .withPort(8080)
                .withProtocol("TCP")
                .endPort()
                .addNewEndpoint()
                .withAddresses("10.42.0.7")
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint()
                .addNewEndpoint()
                .withAddresses("10.42.0.8")
                .withNewConditions()
                .withReady(false)
                .endConditions()
                .endEndpoint()
                .build();
    }

    private void service(String name, String spec) {
        operator.admin()
                .resource(io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                        "apiVersion: v1\nkind: Service\nmetadata: {namespace: default, name: " + name + "}\nspec: "
                                + spec,
                        io.fabric8.kubernetes.api.model.Service.class))
                .serverSideApply();
    }

    private ServiceExport export(String name) {
        return operator.admin()
                .resources(ServiceExport.class)
                .inNamespace("default")
                .withName(name)
                .get();
    }
}
