package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.GatewaySecret;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PresharedKey;
import io.tombolo.net.PrivateKey;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Secret {@code tombolo-gateway}: what is there stays, what is missing is minted. */
final class GatewayKeys {
    private final KubernetesClient client;

    GatewayKeys(KubernetesClient client) {
        this.client = client;
    }

    /**
     * @param slots how many gateways need keys
     * @param presharedKeys of the links; others go
     */
    GatewaySecret ensure(LocalCluster owner, int slots, Map<ClusterId, PresharedKey> presharedKeys) {
        Secret found = client.secrets()
                .inNamespace(ObjectNames.namespace())
                .withName(ObjectNames.GATEWAY)
                .get();
        GatewaySecret observed = found == null ? GatewaySecret.empty() : GatewaySecret.decode(found);
        GatewaySecret wanted = wanted(observed, slots, presharedKeys);
        Secret encoded = wanted.encode(ObjectNames.namespace());
        if (found == null) {
            Ownership.claim(encoded, owner);
            client.resource(encoded).create();
        } else if (Ownership.claim(found, owner) | !wanted.equals(observed)) {
            Map<String, String> entries = new HashMap<>(found.getData() == null ? Map.of() : found.getData());
            entries.keySet().removeIf(key -> key.startsWith("psk-"));
            entries.putAll(encoded.getData());
            found.setData(entries);
            client.resource(found).update(); // refused where somebody else wrote meanwhile: the next pass sees that
        }
        return wanted;
    }

    static GatewaySecret wanted(GatewaySecret observed, int slots, Map<ClusterId, PresharedKey> presharedKeys) {
        SortedMap<Integer, PrivateKey> doors = new TreeMap<>(observed.doors());
        SortedMap<Integer, SortedMap<Integer, PrivateKey>> lanes = new TreeMap<>(observed.lanes());
        for (int slot = 0; slot < slots; slot++) {
            doors.computeIfAbsent(slot, s -> PrivateKey.generate());
            lanes.computeIfAbsent(slot, s -> new TreeMap<>(Map.of(1, PrivateKey.generate())));
        }
        return new GatewaySecret(doors, lanes, new TreeMap<>(presharedKeys));
    }
}
