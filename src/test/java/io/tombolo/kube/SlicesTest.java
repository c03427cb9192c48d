package io.tombolo.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlicesTest {
    @Test
    void whatIsTrimmedSaysTheSameOfEndpointsAndNothingOfPods() {
        EndpointSlice slice = slice(ready("10.42.1.7"), ready("10.42.1.8"), new EndpointBuilder().build());

        Slices.trim(slice);

        assertEquals(Map.of("kept", "1"), slice.getMetadata().getAnnotations());
        Endpoint first = slice.getEndpoints().getFirst();
        assertEquals(
                ready("10.42.1.7").toBuilder().withTargetRef(null).build(),
                first,
                "addresses, conditions, host, node, zone");
        assertSame(first.getConditions(), slice.getEndpoints().get(1).getConditions());
        assertNull(slice.getEndpoints().getLast().getConditions());
    }

    @Test
    void aSliceWithoutEndpointsAndAnnotationsIsTrimmed() {
        EndpointSlice empty =
                new EndpointSliceBuilder().withNewMetadata().endMetadata().build();
        empty.setEndpoints(null);
        empty.getMetadata().setAnnotations(null);
        Slices.trim(empty);
        assertEquals(List.of(), Slices.endpoints(empty));
    }

    private static EndpointSlice slice(Endpoint... endpoints) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .addToAnnotations("endpoints.kubernetes.io/last-change-trigger-time", "2026-01-01T00:00:00Z")
                .addToAnnotations("kept", "1")
                .endMetadata()
                .withEndpoints(endpoints)
                .build();
    }

    private static Endpoint ready(String address) {
        return new EndpointBuilder()
                .withAddresses(address)
                .withNewConditions()
                .withReady(true)
                .withServing(true)
                .endConditions()
                .withHostname("web-0")
                .withNodeName("n1")
                .withZone("a")
                .withTargetRef(new ObjectReference())
                .build();
    }
}
