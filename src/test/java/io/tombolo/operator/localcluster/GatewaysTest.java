package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.net.IdentityKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which slots peers are told of, while gateways are added and removed. */
final class GatewaysTest {
    private static final IdentityKey IDENTITY = identity();
    private static final GatewaySecret THREE_KEYS = GatewayKeys.wanted(GatewaySecret.empty(), 3, Map.of());

    private static IdentityKey identity() {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) 1);
        return IdentityKey.of(bytes);
    }

    private static List<Integer> invited(int replicas, String... pods) {
        LocalCluster cluster = Serialization.unmarshal(
                "{\"apiVersion\": \"tombolo.io/v1alpha1\", \"kind\": \"LocalCluster\","
                        + " \"spec\": {\"clusterId\": \"west\", \"gateways\": {\"replicas\": " + replicas + "}}}",
                LocalCluster.class);
        LocalClusterStatus.Invitation invitation = Gateways.read(
                        Arrays.stream(pods).map(GatewaysTest::pod).toList())
                .invitation(cluster, IDENTITY, THREE_KEYS, _ -> Optional.empty());
        return Optional.ofNullable(invitation.gateways()).orElseThrow().stream()
                .map(LocalClusterStatus.Door::slot)
                .toList();
    }

    private static Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withNewSpec()
                .withNodeName("n1")
                .endSpec()
                .build();
    }

    @Test
    void aSlotIsToldOfBeforeItsPodIsThere() {
        assertEquals(List.of(0, 1), invited(2, "tombolo-gateway-0"));
    }

    @Test
    void aSlotThatIsTooManyIsToldOfUntilItsPodIsGone() {
        assertEquals(List.of(0, 1), invited(1, "tombolo-gateway-0", "tombolo-gateway-1"));
        assertEquals(List.of(0), invited(1, "tombolo-gateway-0"));
    }
}
