package io.tombolo.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.v1alpha1.LocalCluster;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an invitation names, and what it waits for. */
final class InviteCommandTest {
    private static LocalCluster cluster(String gateways, String invitation) {
        return Serialization.unmarshal(
                "{\"metadata\": {\"name\": \"local\"}, \"spec\": {\"clusterId\": \"west\", \"gateways\": " + gateways
                        + "}, \"status\": {\"invitation\": " + invitation + "}}",
                LocalCluster.class);
    }

    private static String invitation(String... endpoints) {
        StringBuilder doors = new StringBuilder();
        for (int slot = 0; slot < endpoints.length; slot++) {
            doors.append(slot == 0 ? "" : ", ").append("{\"slot\": ").append(slot);
            doors.append(", \"publicKey\": \"key ").append(slot).append("\", \"endpoints\": [");
            doors.append(
                    endpoints[slot].isEmpty() ? "" : "{\"address\": \"" + endpoints[slot] + "\", \"port\": 51820}");
            doors.append("]}");
        }
        return "{\"identity\": \"ed25519:key\", \"gateways\": [" + doors + "]}";
    }

    @Test
    void itNamesEverySlotWithItsKeyAndAddress() {
        LocalCluster cluster = cluster("{\"replicas\": 2}", invitation("192.0.2.1", "192.0.2.2"));
        assertEquals(List.of(), InviteCommand.unplaced(cluster));
        assertEquals(
                List.of(
                        "0 key 0 GatewayEndpoint[address=192.0.2.1, port=51820]",
                        "1 key 1 GatewayEndpoint[address=192.0.2.2, port=51820]"),
                InviteCommand.link(cluster).getSpec().gateways().stream()
                        .map(g -> g.slot() + " " + g.publicKey() + " " + g.endpoint())
                        .toList());
    }

    @Test
    void itWaitsForKeysAndForTheAddressOfEverySlotThatIsToBeDialled() {
        assertEquals(List.of("any gateway"), InviteCommand.unplaced(cluster("{}", "null")));
        assertEquals(List.of("gateway 0"), InviteCommand.unplaced(cluster("null", invitation(""))));
        assertEquals(List.of("gateway 1"), InviteCommand.unplaced(cluster("{}", invitation("192.0.2.1", ""))));
        assertEquals(
                List.of(),
                InviteCommand.unplaced(
                        cluster("{\"advertise\": [{\"slot\": 1, \"addresses\": []}]}", invitation("192.0.2.1", ""))),
                "a slot that only dials out");
    }
}
