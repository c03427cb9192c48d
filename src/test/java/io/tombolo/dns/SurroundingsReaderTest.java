package io.tombolo.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SurroundingsReaderTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "-                                                     | false",
                "{}                                                    | false",
                "{conditions: [{type: Ready, status: 'True'}]}         | false",
                "{conditions: [{type: Ready, status: Unknown}]}        | false",
                "{conditions: [{type: Ready, status: 'False'}]}        | true",
                "{paths: [{localSlot: 0, peerSlot: 0, state: Up}]}     | false",
                "{paths: [{localSlot: 0, peerSlot: 0, state: Down}]}   | true",
                "{paths: [{localSlot: 0, peerSlot: 0, state: Unknown}]}| false",
                "{paths: [{localSlot: 0, peerSlot: 0, state: Down}, {localSlot: 1, peerSlot: 0, state: Unknown}]} | false",
                "{paths: [{localSlot: 0, peerSlot: 0, state: Down}, {localSlot: 1, peerSlot: 0, state: Up}]}      | false",
                "{conditions: [{type: Ready, status: 'False'}], paths: [{localSlot: 0, peerSlot: 0, state: Up}]}  | false",
                "{conditions: [{type: Ready, status: 'False', reason: Unreachable}], paths: [{localSlot: 0, peerSlot: 0, state: Unknown}]} | true",
                "{conditions: [{type: Ready, status: 'False', reason: Unreachable}], paths: [{localSlot: 0, peerSlot: 0, state: Up}]} | false",
                "{conditions: [{type: Ready, status: 'False', reason: KeyWeak}], paths: [{localSlot: 0, peerSlot: 0, state: Unknown}]} | false",
                "{conditions: [{type: Ready, status: 'True'}], paths: [{localSlot: 0, peerSlot: 0, state: Down}]} | true",
            })
    void countsALinkAsDeadOnlyOnProof(String status, boolean dead) {
        Surroundings read = SurroundingsReader.read(null, List.of(link("east", status)));
        assertEquals(Set.of("east"), read.linked());
        assertEquals(dead ? Set.of("east") : Set.of(), read.dead());
    }

    @Test
    void answersPodsServicesAndNodesOfThisCluster() {
        LocalCluster local = Serialization.unmarshal("""
                metadata: {name: local}
                spec: {clusterId: west}
                status:
                  network: {podCIDRs: [10.42.0.0/16], serviceCIDRs: [10.43.0.0/16], nodeCIDRs: [172.30.1.0/24]}
                  dns: {address: 10.43.0.53}
                """, LocalCluster.class);
        Surroundings read = SurroundingsReader.read(local, List.of());
        assertEquals(Optional.of("west"), read.localCluster());
        assertEquals(
                List.of(Cidr.parse("10.42.0.0/16"), Cidr.parse("10.43.0.0/16"), Cidr.parse("172.30.1.0/24")),
                read.sources());
        assertEquals(List.of(Addresses.parse("10.43.0.53")), read.nameServer());
    }

    private static ClusterLink link(String name, String status) {
        return Serialization.unmarshal(
                "metadata: {name: " + name + "}" + (status == null ? "" : "\nstatus: " + status), ClusterLink.class);
    }
}
