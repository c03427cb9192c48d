package io.tombolo.operator;

import static io.tombolo.operator.RunningOperator.COREFILE;
import static io.tombolo.operator.RunningOperator.PATIENCE;
import static io.tombolo.operator.RunningOperator.PROMPT;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.tombolo.api.mcs.ClusterProperty;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.handover.NetworkDocumentCodec;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.kube.Applier;
import io.tombolo.kube.Conditions;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.AnnouncementCodec;
import io.tombolo.trust.Identity;
import io.tombolo.trust.SignedAnnouncement;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From our kinds to everything that is made of them. */
@NullUnmarked // what is not there fails the test as it should
class OperatorTest {
    /** As an admin changes things: whatever the operator writes meanwhile is no conflict. */
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

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
    void givesItsLeaseUpWhenItStops() {
        operator.process().close();
        String holder = operator.admin()
                .leases()
                .inNamespace(ObjectNames.namespace())
                .withName(ObjectNames.OPERATOR)
                .require()
                .getSpec()
                .getHolderIdentity();
        assertTrue(holder == null || holder.isEmpty(), holder);
    }

    @Test
    void makesEverythingOfALocalCluster() throws Exception {
        operator.create("west");

        await().atMost(PATIENCE).until(() -> configMap("tombolo-network") != null);
        assertEquals("[10.42.0.0/23]", network().podCidrs().toString());
        var client = operator.admin();
        List<HasMetadata> made = List.of(
                client.apps()
                        .statefulSets()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName("tombolo-gateway")
                        .require(),
                client.apps()
                        .daemonSets()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName("tombolo-node")
                        .require(),
                client.apps()
                        .deployments()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName("tombolo-dns")
                        .require(),
                client.services()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName("tombolo-dns")
                        .require(),
                secret("tombolo-identity"),
                secret("tombolo-gateway"),
                configMap("tombolo-announcement"),
                configMap("tombolo-network"));
        LocalCluster cluster = cluster();
        for (HasMetadata object : made) {
            assertEquals(
                    List.of(cluster.getMetadata().getUid()),
                    object.getMetadata().getOwnerReferences().stream()
                            .map(o -> o.getUid())
                            .toList(),
                    object.getKind() + " " + object.getMetadata().getName() + " goes with its LocalCluster");
        }
        assertEquals(
                "west",
                client.resources(ClusterProperty.class)
                        .withName("cluster.clusterset.k8s.io")
                        .require()
                        .getSpec()
                        .value());
        IdentityKey identity = IdentityKey.parse(
                Objects.requireNonNull(cluster.getStatus()).invitation().identity());
        assertTrue(
                Identity.signed(identity, signed()), "the announcement is signed by the identity that is invited with");
        assertTrue(corefile().startsWith("# tombolo begin"), corefile());
        assertTrue(corefile().endsWith(COREFILE));
        Condition ready = operator.awaitReason(PATIENCE, operator::conditionsOfLocalCluster, "Ready", "NoGateway");
        assertEquals("False", ready.getStatus(), "nothing runs in this cluster");
        assertTrue(Conditions.isTrue(operator.conditionsOfLocalCluster(), "NetworkDetected"));
    }

    @Test
    void keepsRestoredKeysAndSpeaksAboveItsFormerSelf() throws Exception {
        Identity restored = Identity.generate();
        PrivateKey door = PrivateKey.generate();
        operator.admin()
                .resource(opaque("tombolo-identity", Map.of("identity", restored.encoded())))
                .create();
        operator.admin()
                .resource(opaque("tombolo-gateway", Map.of("door-0", door.encoded())))
                .create();

        operator.create("west");

        await().atMost(PATIENCE).until(() -> configMap("tombolo-network") != null); // made from the status, so after it
        var invitation = cluster().getStatus().invitation();
        assertEquals(restored.publicKey().toString(), invitation.identity());
        assertEquals(
                door.publicKey().toString(), invitation.gateways().getFirst().publicKey());
        assertTrue(Identity.signed(restored.publicKey(), signed()));
    }

    @Test
    void signsAgainOnlyWhenWhatItSaysHasChanged() throws Exception {
        operator.create("west");
        await().atMost(PATIENCE).until(() -> configMap("tombolo-network") != null);
        Announcement before = announcement();

        RunningOperator.node(operator.admin(), "n3", "192.168.7.3"); // no pods of its own: nothing new to say
        await().atMost(PATIENCE).until(() -> network().nodes().size() == 3);
        Announcement same = announcement();
        RunningOperator.node(operator.admin(), "n4", "192.168.7.4", "10.42.2.0/24");
        await().atMost(PATIENCE).until(() -> announcement().prefixes().size() == 2);

        assertEquals(before, same);
        assertTrue(announcement().sequence() > before.sequence());
    }

    @Test
    void unwiresTheClusterDnsAsSoonAsTheLocalClusterIsGone() {
        operator.create("west");
        await().atMost(PATIENCE).until(() -> !corefile().equals(COREFILE));

        operator.admin().resource(cluster()).delete();

        await().atMost(PROMPT).untilAsserted(() -> assertEquals(COREFILE, corefile()));
    }

    @Test
    void brokenLinksSayWhyBesideGoodOnes() {
        operator.create("west");
        await().atMost(PATIENCE).until(() -> configMap("tombolo-network") != null);

        operator.admin().resource(operator.link("west", spec("203.0.113.9"))).create();
        operator.admin().resource(operator.link("inside", spec("10.42.0.9"))).create();
        operator.admin().resource(operator.link("east", spec("203.0.113.10"))).create();

        operator.awaitReason(PATIENCE, () -> operator.conditionsOfLink("east"), "Accepted", "Accepted");
        Condition self = operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("west"), "Ready", "SelfLink");
        assertEquals("False", self.getStatus());
        Condition inside =
                operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("inside"), "Ready", "EndpointConflict");
        assertEquals(
                "spec.gateways[slot=0].endpoint.address: 10.42.0.9:51820 belongs to 10.42.0.0/23 (this cluster's pods)",
                inside.getMessage());
        changeInside("203.0.113.11");
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("inside"), "Accepted", "Accepted");
    }

    @Test
    void saysWhatIsWrongWithAPresharedKeyAndReadsTheCorrectedOne() {
        operator.create("west");
        String spec = spec("203.0.113.10").replaceFirst("}$", ", presharedKey: {secretRef: {name: psk-east}}}");
        operator.admin().resource(operator.link("east", spec)).create();

        operator.awaitReason(PATIENCE, () -> operator.conditionsOfLink("east"), "Ready", "SecretNotFound");
        operator.admin().resource(opaque("psk-east", Map.of("key", "x"))).create();
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Ready", "SecretMalformed");
        operator.admin()
                .resource(opaque("psk-east", Map.of("psk", "secret password")))
                .update();
        Condition invalid =
                operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Ready", "PSKInvalid");
        assertTrue(!invalid.getMessage().contains("secret password"), "a secret's value is never repeated");
        String key = PrivateKey.generate().encoded();
        operator.admin().resource(opaque("psk-east", Map.of("psk", key + "\n"))).update();

        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Accepted", "Accepted");
        String stored = Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.US_ASCII));
        await().atMost(PROMPT)
                .untilAsserted(() ->
                        assertEquals(stored, secret("tombolo-gateway").getData().get("psk-east")));

        operator.admin().resource(opaque("psk-east", Map.of("psk", "broken"))).update();
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Ready", "PSKInvalid");
        assertEquals(
                stored, secret("tombolo-gateway").getData().get("psk-east"), "the last good key goes on being used");
    }

    @Test
    void saysWhichPinANewNodeStandsInAndForgetsItWhenTheNodeIsGone() {
        operator.create("west");
        String pinned = spec("203.0.113.10").replaceFirst("}$", ", prefixes: [10.60.0.0/16, 10.61.0.0/16]}");
        operator.admin().resource(operator.link("east", pinned)).create();
        operator.admin().resource(operator.link("north", spec("203.0.113.11"))).create();
        operator.awaitReason(PATIENCE, () -> operator.conditionsOfLink("east"), "Accepted", "Accepted");
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("north"), "Accepted", "Accepted");

        RunningOperator.node(operator.admin(), "n3", "10.60.7.3");
        Condition overlap =
                operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Ready", "CIDROverlapNode");
        operator.admin().nodes().withName("n3").delete();
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Accepted", "Accepted");

        assertEquals("spec.prefixes: 10.60.0.0/16 overlaps 10.60.7.3/32 (node n3)", overlap.getMessage());
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("north"), "Accepted", "Accepted");
    }

    @Test
    void tellsOfAChangeInOneEventHoweverManyPassesSeeIt() {
        operator.create("west");
        operator.admin().resource(operator.link("inside", spec("10.42.0.9"))).create();
        operator.awaitReason(PATIENCE, () -> operator.conditionsOfLink("inside"), "Ready", "EndpointConflict");

        for (int i = 3; i < 8; i++) {
            RunningOperator.node(operator.admin(), "n" + i, "192.168.7." + i);
        }
        operator.admin().resource(operator.link("east", spec("203.0.113.10"))).create();
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Accepted", "Accepted");
        await().atMost(PROMPT).until(() -> !reasonsOfEvents("inside").isEmpty());
        assertEquals(List.of("EndpointConflict"), reasonsOfEvents("inside"));

        changeInside("10.42.0.8");
        await().atMost(PROMPT).until(() -> Conditions.find(operator.conditionsOfLink("inside"), "Ready")
                .getMessage()
                .contains("10.42.0.8"));
        assertEquals(List.of("EndpointConflict"), reasonsOfEvents("inside"), "the same fault with another value");
    }

    @Test
    void repeatsWhatAGatewayRefusedAndTellsOfItOnce() {
        operator.create("west");
        operator.admin().resource(operator.link("east", spec("203.0.113.10"))).create();
        operator.awaitReason(PATIENCE, () -> operator.conditionsOfLink("east"), "Accepted", "Accepted");

        try (var gateway =
                io.tombolo.kube.RealApiServer.shared().agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "n1")) {
            ClusterLink said = new ClusterLink();
            said.getMetadata().setName("east");
            said.setStatus(new ClusterLinkStatus(
                    null,
                    null,
                    null,
                    List.of(new ClusterLinkStatus.Path(
                            0,
                            0,
                            ClusterLinkStatus.PathState.UNKNOWN,
                            null,
                            "Replayed",
                            "announcement.sequence: sequence 4 after 5 was accepted",
                            null,
                            null,
                            null)),
                    null));
            new Applier(gateway, ObjectNames.gatewayManager(0)).applyStatus(said);
        }

        Condition refused =
                operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("east"), "Accepted", "Replayed");
        assertTrue(
                refused.getMessage().startsWith("gateway 0: announcement.sequence: sequence 4 after 5 was accepted. "),
                refused.getMessage());
        await().atMost(PROMPT).until(() -> reasonsOfEvents("east").contains("Replayed"));
        RunningOperator.node(operator.admin(), "n3", "192.168.7.3");
        operator.admin().resource(operator.link("north", spec("203.0.113.11"))).create();
        operator.awaitReason(PROMPT, () -> operator.conditionsOfLink("north"), "Accepted", "Accepted");
        assertEquals(1, Collections.frequency(reasonsOfEvents("east"), "Replayed"));
    }

    @Test
    void aLaneKeyIsFollowedByAnotherWhenAskedForAndGoesWhenEveryLaneHasChanged() throws Exception {
        operator.create("west");
        operator.admin().resource(operator.link("east", spec("203.0.113.10"))).create();
        await().atMost(PATIENCE).until(() -> laneKeys().equals(Set.of("lane-0-1")));
        sayPathUp(1);

        operator.admin()
                .resources(LocalCluster.class)
                .withName(LocalCluster.NAME)
                .patch(
                        MERGE,
                        "{\"metadata\":{\"annotations\":{\"" + ObjectNames.ROTATE_ANNOTATION + "\":\""
                                + java.time.Instant.now() + "\"}}}");
        await().atMost(PROMPT).until(() -> laneKeys().equals(Set.of("lane-0-1", "lane-0-2")));
        operator.awaitReason(PROMPT, operator::conditionsOfLocalCluster, "KeysCurrent", "Rotating");
        await().atMost(PROMPT).until(() -> slotOfAnnouncement().nextKey().isPresent());
        assertEquals(1, slotOfAnnouncement().generation());

        sayPathUp(2);
        await().atMost(PROMPT).until(() -> laneKeys().equals(Set.of("lane-0-2")));
        await().atMost(PROMPT).until(() -> slotOfAnnouncement().generation() == 2);
        assertEquals(Optional.empty(), slotOfAnnouncement().nextKey());
        operator.awaitReason(PROMPT, operator::conditionsOfLocalCluster, "KeysCurrent", "Current");
    }

    private void changeInside(String endpoint) {
        operator.admin()
                .resources(ClusterLink.class)
                .withName("inside")
                .patch(
                        MERGE,
                        operator.admin()
                                .getKubernetesSerialization()
                                .asJson(Map.of(
                                        "spec",
                                        operator.link("inside", spec(endpoint)).getSpec())));
    }

    private Set<String> laneKeys() {
        Secret keys = operator.admin()
                .secrets()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(ObjectNames.GATEWAY)
                .get();
        return keys == null
                ? Set.of()
                : keys.getData().keySet().stream()
                        .filter(key -> key.startsWith("lane-"))
                        .collect(java.util.stream.Collectors.toSet());
    }

    private Announcement.Slot slotOfAnnouncement() throws Exception {
        SignedAnnouncement signed =
                AnnouncementMap.decode(configMap("tombolo-announcement")).orElseThrow();
        return AnnouncementCodec.decode(signed.bytes()).slots().getFirst();
    }

    private void sayPathUp(int keyGeneration) {
        try (var gateway =
                io.tombolo.kube.RealApiServer.shared().agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "n1")) {
            ClusterLink said = new ClusterLink();
            said.getMetadata().setName("east");
            said.setStatus(new ClusterLinkStatus(
                    null,
                    null,
                    null,
                    List.of(new ClusterLinkStatus.Path(
                            0, 0, ClusterLinkStatus.PathState.UP, null, null, null, null, null, keyGeneration)),
                    null));
            new Applier(gateway, ObjectNames.gatewayManager(0)).applyStatus(said);
        }
    }

    private List<String> reasonsOfEvents(String link) {
        String uid = operator.admin()
                .resources(ClusterLink.class)
                .withName(link)
                .get()
                .getMetadata()
                .getUid();
        return operator.admin().v1().events().inNamespace("default").list().getItems().stream()
                .filter(e -> uid.equals(e.getInvolvedObject().getUid()))
                .map(e -> e.getReason())
                .toList();
    }

    @Test
    void asksForPodRangesThatNoNodeShows() {
        operator.admin().nodes().delete();
        RunningOperator.node(operator.admin(), "flat", "192.168.7.9");
        operator.create("west");

        Condition unknown =
                operator.awaitReason(PATIENCE, operator::conditionsOfLocalCluster, "Ready", "PodCIDRUnknown");
        assertTrue(unknown.getMessage().contains("spec.network.podCIDRs"), unknown.getMessage());
        operator.admin()
                .resource(operator.localCluster("{clusterId: west, network: {podCIDRs: [10.99.0.0/16]}}"))
                .update();

        operator.awaitReason(PROMPT, operator::conditionsOfLocalCluster, "Ready", "NoGateway");
        await().atMost(PROMPT).until(() -> network().podCidrs().toString().equals("[10.99.0.0/16]"));
    }

    private static String spec(String address) {
        return "{identities: [\"" + Identity.generate().publicKey() + "\"], gateways: [{slot: 0, publicKey: \""
                + PrivateKey.generate().publicKey() + "\", endpoint: {address: " + address + ", port: 51820}}]}";
    }

    private Secret opaque(String name, Map<String, String> texts) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(ObjectNames.NAMESPACE)
                .withName(name)
                .endMetadata()
                .withStringData(texts)
                .build();
    }

    private LocalCluster cluster() {
        return operator.admin()
                .resources(LocalCluster.class)
                .withName(LocalCluster.NAME)
                .require();
    }

    private Secret secret(String name) {
        return operator.admin()
                .secrets()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(name)
                .get();
    }

    private ConfigMap configMap(String name) {
        return operator.admin()
                .configMaps()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(name)
                .get();
    }

    private String corefile() {
        return operator.admin()
                .configMaps()
                .inNamespace("kube-system")
                .withName("coredns")
                .get()
                .getData()
                .get("Corefile");
    }

    private SignedAnnouncement signed() {
        return AnnouncementMap.decode(configMap("tombolo-announcement")).orElseThrow();
    }

    private Announcement announcement() throws Exception {
        return AnnouncementCodec.decode(signed().bytes());
    }

    private NetworkDocument network() throws Exception {
        return NetworkDocumentCodec.read(configMap("tombolo-network").getData().get(NetworkDocument.KEY));
    }
}
