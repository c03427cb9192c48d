package io.tombolo.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedStoreTest {
    private final PackedStore<EndpointSlice> store =
            new PackedStore<>(EndpointSlice.class, new KubernetesSerialization());

    @Test
    void givesBackWhatItWasGiven() {
        EndpointSlice slice = slice("10.52.0.1");
        String key = store.getKey(slice);
        assertEquals("shop/db-east", key);
        assertNull(store.put(key, slice));
        assertEquals(slice("10.52.0.1"), store.get(key));
        assertEquals(List.of(slice("10.52.0.1")), store.values().toList());
        assertEquals(List.of(key), store.keySet().toList());
    }

    @Test
    void tellsWhatWasThereBefore() {
        EndpointSlice slice = slice("10.52.0.1");
        store.put("shop/db-east", slice);
        assertEquals(slice, store.put("shop/db-east", slice("10.52.0.2")));
        assertEquals(1, store.size());
        assertEquals(slice("10.52.0.2"), store.remove("shop/db-east"));
        assertNull(store.remove("shop/db-east"));
        assertNull(store.get("shop/db-east"));
    }

    private static EndpointSlice slice(String address) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("shop")
                .withName("db-east")
                .withResourceVersion("7")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(address)
                .withHostname("db-0")
                .withNewConditions()
                .withReady(false)
                .endConditions()
                .endEndpoint()
                .build();
    }
}
