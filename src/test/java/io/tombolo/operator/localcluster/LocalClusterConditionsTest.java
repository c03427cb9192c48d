package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Condition;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.DnsWiring;
import io.tombolo.kube.Conditions;
import io.tombolo.operator.localcluster.LocalClusterConditions.Count;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LocalClusterConditionsTest {
    private static final Count ALL = new Count(1, 1);

    @Test
    void saysWhatAGatewaySaysOfItself() {
        Condition ready = ready(
                new Count(0, 1),
                path("NeverConnected", null),
                path("PortInUse", "LocalCluster spec.gateways.port: UDP port 51820 of tbdoor is taken on this node"));

        assertEquals("False PortInUse", ready.getStatus() + " " + ready.getReason());
        assertEquals(
                "0 of 1 gateways are ready; LocalCluster spec.gateways.port: UDP port 51820 of tbdoor is taken on this"
                        + " node",
                ready.getMessage());
    }

    @Test
    void whatAPeerDoesIsNoFaultOfOurs() {
        assertEquals(
                "NoGateway",
                ready(new Count(0, 1), path("SignatureInvalid", "x")).getReason());
        assertEquals("Ready", ready(ALL, path("SignatureInvalid", "x")).getReason());
    }

    private static Condition ready(Count gateways, ClusterLinkStatus.Path... paths) {
        ClusterLink link = new ClusterLink();
        link.setStatus(new ClusterLinkStatus(null, null, null, List.of(paths), null));
        return Objects.requireNonNull(Conditions.find(
                LocalClusterConditions.of(
                        new LocalClusterConditions.Facts(
                                gateways,
                                ALL,
                                ALL,
                                LocalClusterConditions.gatewayFault(List.of(new ClusterLink(), link)),
                                List.of(),
                                DnsWiring.AUTO,
                                Optional.empty(),
                                Optional.empty(),
                                List.of()),
                        1L),
                Conditions.READY));
    }

    private static ClusterLinkStatus.Path path(String reason, @org.jspecify.annotations.Nullable String message) {
        return new ClusterLinkStatus.Path(
                0, 0, ClusterLinkStatus.PathState.UNKNOWN, null, reason, message, null, null, null);
    }
}
