package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkSpec;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.GatewayEndpoint;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterSpec;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.host.StateDirectory;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import io.tombolo.net.PrivateKey;
import io.tombolo.trust.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role against a real API server; its kernel is that of a namespace. */
final class GatewayRoleTest {
    @TempDir
    private Path directory = Path.of(".");

    private final KubernetesClient admin = RealApiServer.shared().admin();
    private TwoClusters clusters;
    private TwoClusters.Side west;

    @BeforeEach
    void theOperatorHasWrittenWhatAGatewayNeeds() throws Exception {
        clusters = new TwoClusters();
        west = clusters.west;
        for (String device : List.of("tbdoor", "tb0")) {
            west.gateway.serve("wireguard-go", "-f", device);
        }
        RealApiServer.shared().namespace(ObjectNames.NAMESPACE);
        admin.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName("west-n1")
                        .endMetadata()
                        .withNewSpec()
                        .withPodCIDR(west.pods().toString())
                        .withPodCIDRs(west.pods().toString())
                        .endSpec()
                        .build())
                .create();
        admin.nodes().withName("west-n1").editStatus(n -> new NodeBuilder(n)
                .editOrNewStatus()
                .addNewAddress(west.underlay(), "InternalIP")
                .endStatus()
                .build());
        LocalCluster local = new LocalCluster();
        local.setMetadata(
                new ObjectMetaBuilder().withName(ObjectNames.LOCAL_CLUSTER).build());
        local.setSpec(new LocalClusterSpec("west", null, null, null, null, null));
        admin.resource(local).create();
        admin.resources(LocalCluster.class).withName(ObjectNames.LOCAL_CLUSTER).editStatus(l -> {
            l.setStatus(status());
            return l;
        });
        TreeMap<Integer, PrivateKey> doors = new TreeMap<>();
        doors.put(0, west.door);
        TreeMap<Integer, PrivateKey> generations = new TreeMap<>();
        generations.put(1, west.lane);
        var lanes = new TreeMap<Integer, java.util.SortedMap<Integer, PrivateKey>>();
        lanes.put(0, generations);
        admin.resource(new GatewaySecret(doors, lanes, new TreeMap<>()).encode(ObjectNames.NAMESPACE))
                .create();
        admin.resource(AnnouncementMap.encode(ObjectNames.NAMESPACE, west.announcement(west.identity)))
                .create();
        admin.resource(network()).create();
    }

    private static ConfigMap network() {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(ObjectNames.NAMESPACE)
                .withName(NetworkDocument.CONFIG_MAP)
                .endMetadata()
                .build();
    }

    private LocalClusterStatus status() {
        return new LocalClusterStatus(
                null,
                null,
                new LocalClusterStatus.Network(List.of(west.pods().toString()), List.of("10.96.0.0/16"), List.of()),
                new LocalClusterStatus.Invitation(
                        west.identity.publicKey().toString(),
                        List.of(new LocalClusterStatus.Door(
                                0,
                                west.door.publicKey().toString(),
                                List.of(new GatewayEndpoint(west.underlay(), TwoClusters.PORT))))),
                null,
                null,
                null,
                null,
                null);
    }

    @AfterEach
    void nothingStays() throws Exception {
        admin.resources(ClusterLink.class).delete();
        admin.resources(LocalCluster.class).delete();
        admin.nodes().withName("west-n1").delete();
        admin.secrets()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(ObjectNames.GATEWAY)
                .delete();
        admin.configMaps()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(ObjectNames.ANNOUNCEMENT)
                .delete();
        admin.configMaps()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(NetworkDocument.CONFIG_MAP)
                .delete();
        admin.leases()
                .inNamespace(ObjectNames.NAMESPACE)
                .withName(ObjectNames.IMPORTER_LEASE)
                .delete();
        clusters.close();
    }

    private GatewayRole start() throws Exception {
        // with the rights that deploy/ gives it
        return start(RealApiServer.shared().agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "west-n1"));
    }

    private GatewayRole start(KubernetesClient client) throws Exception {
        StateDirectory state = StateDirectory.open(directory);
        GatewayRole role = new GatewayRole(
                client,
                new GatewayRole.Self(0, "west-n1", "tombolo-gateway-0"),
                state,
                new DataPlane(west.gateway, TwoClusters.looseIn(west.gateway), state, Clock.systemUTC(), 0, "west-n1"));
        role.start();
        return role;
    }

    @Test
    void takesThePlaceOfAPodWithoutBeingTakenForIt() {
        Map<String, String> first = Map.of("NODE_NAME", "n", "POD_NAME", "tombolo-gateway-3", "POD_UID", "a");
        Map<String, String> second = Map.of("NODE_NAME", "n", "POD_NAME", "tombolo-gateway-3", "POD_UID", "b");
        assertEquals(3, GatewayRole.Self.from(second).slot());
        assertNotEquals(
                GatewayRole.Self.from(first).pod(),
                GatewayRole.Self.from(second).pod());
        assertThrows(
                IllegalArgumentException.class,
                () -> GatewayRole.Self.from(Map.of("NODE_NAME", "n", "POD_NAME", "tombolo-gateway-3")));
    }

    private static ConditionFactory await(String what) {
        return Awaitility.await(what).atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(100));
    }

    private void awaitReady() {
        await("the plan is applied").until(() -> Files.exists(directory.resolve("ready")));
    }

    private ClusterLink linkToEast() {
        ClusterLink link = new ClusterLink();
        link.setMetadata(new ObjectMetaBuilder().withName("east").build());
        link.setSpec(new ClusterLinkSpec(
                List.of(Identity.generate().publicKey().toString()),
                List.of(new ClusterLinkSpec.Gateway(
                        0,
                        PrivateKey.generate().publicKey().toString(),
                        new GatewayEndpoint("203.0.113.9", TwoClusters.PORT))),
                null,
                null,
                null,
                null));
        return link;
    }

    @Test
    void appliesWhatTheObjectsSayAndReportsThePath() throws Exception {
        try (GatewayRole _ = start()) {
            awaitReady();

            admin.resource(linkToEast()).create();

            await("the door knows the peer")
                    .until(() ->
                            !west.gateway.run("wg", "show", "tbdoor", "peers").isBlank());
            await("the path is in the status").untilAsserted(() -> {
                ClusterLink link =
                        admin.resources(ClusterLink.class).withName("east").get();
                List<ClusterLinkStatus.Path> paths = Optional.ofNullable(link.getStatus())
                        .map(ClusterLinkStatus::paths)
                        .orElse(List.of());
                assertEquals(1, paths.size());
                ClusterLinkStatus.Path path = paths.getFirst();
                assertEquals(ClusterLinkStatus.PathState.UNKNOWN, path.state());
                assertEquals("NeverConnected", path.reason());
            });

            admin.resources(ClusterLink.class).withName("east").delete();

            await("the door forgets the peer")
                    .until(() ->
                            west.gateway.run("wg", "show", "tbdoor", "peers").isBlank());
        }
    }

    @Test
    void leavesItsWritingToAnotherWhenItStops() throws Exception {
        try (GatewayRole role = start()) {
            await("it holds the Lease, and has renewed it")
                    .until(() -> lease().filter(l -> l.getRenewTime().isAfter(l.getAcquireTime()))
                            .isPresent());
            role.stop();
            assertEquals(1, lease().orElseThrow().getLeaseDurationSeconds(), "seconds, instead of 15");
        }
    }

    private Optional<LeaseSpec> lease() {
        return Optional.ofNullable(admin.leases()
                        .inNamespace(ObjectNames.NAMESPACE)
                        .withName(ObjectNames.IMPORTER_LEASE)
                        .get())
                .map(Lease::getSpec);
    }

    @Test
    void servesFromDiskWithoutTheApiServerAlsoWhereOtherStateIsDamaged() throws Exception {
        admin.resource(linkToEast()).create();
        try (GatewayRole _ = start()) {
            awaitReady();
            await("the door knows the peer")
                    .until(() ->
                            !west.gateway.run("wg", "show", "tbdoor", "peers").isBlank());
        }
        String table = west.gateway.run("nft", "-s", "list", "ruleset");
        west.gateway.run("nft", "flush", "ruleset");
        for (String file : List.of("announcements", "exposure", "gateway-table")) {
            Files.writeString(directory.resolve(file), "damaged");
        }
        Config nobody = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:9")
                .build();
        long began = System.nanoTime();
        try (KubernetesClient client =
                        new KubernetesClientBuilder().withConfig(nobody).build();
                GatewayRole _ = start(client)) {
            Awaitility.await("the node is as the disk says")
                    .atMost(Duration.ofSeconds(4))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> Files.exists(directory.resolve("ready")));
            System.out.println("served from disk after " + (System.nanoTime() - began) / 1_000_000 + " ms");
            assertEquals(table, west.gateway.run("nft", "-s", "list", "ruleset"));
            assertFalse(west.gateway.run("wg", "show", "tbdoor", "peers").isBlank());
        }
    }

    @Test
    void saysWhichPortIsTakenAndGoesOnWhenItIsFree() throws Exception {
        west.gateway.serve("wireguard-go", "-f", "taken");
        await("somebody else's device").ignoreExceptions().until(() -> !west.gateway
                .run("ip", "link", "set", "taken", "up")
                .contains("error"));
        west.gateway.run("wg", "set", "taken", "listen-port", Integer.toString(TwoClusters.PORT));
        admin.resource(linkToEast()).create();
        try (GatewayRole _ = start()) {
            await("the path says so").ignoreExceptions().untilAsserted(() -> {
                ClusterLinkStatus.Path path = path();
                assertEquals("PortInUse", path.reason());
                assertEquals(
                        "LocalCluster spec.gateways.port: UDP port 51820 of tbdoor is taken on this node",
                        path.message());
            });
            assertFalse(Files.exists(directory.resolve("ready")));

            west.gateway.run("ip", "link", "del", "taken");

            awaitReady();
            await("the path forgets").untilAsserted(() -> assertEquals("NeverConnected", path().reason()));
        }
    }

    private ClusterLinkStatus.Path path() {
        return Optional.ofNullable(admin.resources(ClusterLink.class)
                        .withName("east")
                        .get()
                        .getStatus())
                .map(ClusterLinkStatus::paths)
                .orElseThrow()
                .getFirst();
    }

    @Test
    void cleansTheNodeWhenTheInstallationIsGoneAndOnlyThen() throws Exception {
        try (GatewayRole role = start()) {
            awaitReady();
            role.stop();
            assertFalse(west.gateway.run("nft", "list", "tables").isBlank(), "an upgrade keeps everything");

            admin.configMaps()
                    .inNamespace(ObjectNames.NAMESPACE)
                    .withName(NetworkDocument.CONFIG_MAP)
                    .delete();

            await("the table is gone")
                    .until(() -> west.gateway.run("nft", "list", "tables").isBlank());
            await("the devices are gone")
                    .until(() -> !west.gateway.run("ip", "-o", "link", "show").contains("tb"));
            assertEquals("", west.gateway.run("ip", "-4", "route", "show", "table", "all", "proto", "74"));
            assertFalse(Files.exists(directory.resolve("ready")));
        }
    }
}
