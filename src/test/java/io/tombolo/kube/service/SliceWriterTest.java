package io.tombolo.kube.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.kube.Applier;
import io.tombolo.kube.ObjectNames;
import io.tombolo.kube.RealApiServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SliceWriterTest {
    private static final String NAMESPACE = "slice-writer";

    private final KubernetesClient admin = RealApiServer.shared().admin();
    private final KubernetesClient gateway =
            RealApiServer.shared().agent(ObjectNames.GATEWAY, "tombolo-gateway-0", "node-a");
    private final SliceWriter writer = new SliceWriter(gateway, new Applier(gateway, ObjectNames.IMPORTER_MANAGER));

    @BeforeEach
    void namespace() {
        RealApiServer.shared().namespace(NAMESPACE);
    }

    @AfterEach
    void clear() {
        admin.discovery().v1().endpointSlices().inNamespace(NAMESPACE).delete();
        gateway.close();
    }

    @Test
    void knowsWhatItHasPutUntilTheWatchShowsIt() throws Exception {
        writer.put(slice(ObjectNames.MANAGED_BY, "10.0.0.1"), null);
        EndpointSlice shown = standing();
        assertSame(shown, writer.newest(shown));

        writer.put(slice(ObjectNames.MANAGED_BY, "10.0.0.2"), writer.newest(shown));
        assertEquals("10.0.0.2", address(writer.newest(shown)));

        writer.put(slice(ObjectNames.MANAGED_BY, "10.0.0.3"), writer.newest(shown));
        assertEquals("10.0.0.3", address(writer.newest(shown)));
        assertEquals("10.0.0.3", address(standing()));

        // another importer's word, later than ours
        EndpointSlice edited =
                gateway.resource(slice(ObjectNames.MANAGED_BY, "10.0.0.4")).update();
        assertSame(edited, writer.newest(edited));
        assertSame(shown, writer.newest(shown));
    }

    @Test
    void putsOverOneOfOursThatTheWatchHasYetToShow() throws Exception {
        EndpointSlice old =
                gateway.resource(slice(ObjectNames.MANAGED_BY, "10.0.0.1")).create();
        writer.put(slice(ObjectNames.MANAGED_BY, "10.0.0.2"), null);
        assertEquals("10.0.0.2", address(standing()));

        writer.put(slice(ObjectNames.MANAGED_BY, "10.0.0.3"), old);
        assertEquals("10.0.0.3", address(standing()));
    }

    @Test
    void leavesOneOfSomebodyElseAlone() {
        admin.resource(slice("somebody", "10.0.0.1")).create();

        ForeignObjectException refused = assertThrows(
                ForeignObjectException.class, () -> writer.put(slice(ObjectNames.MANAGED_BY, "10.0.0.2"), null));

        assertEquals(
                "EndpointSlice slice-writer/web exists and is not ours; rename or delete it", refused.getMessage());
        assertEquals("10.0.0.1", address(standing()));
    }

    private EndpointSlice standing() {
        return admin.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withName("web")
                .require();
    }

    private static String address(EndpointSlice slice) {
        return slice.getEndpoints().getFirst().getAddresses().getFirst();
    }

    private static EndpointSlice slice(String maker, String address) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace(NAMESPACE)
                .withName("web")
                .addToLabels(ObjectNames.MANAGED_BY_LABEL, maker)
                .addToAnnotations(ObjectNames.WRITER_EPOCH_ANNOTATION, "1")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(address)
                .endEndpoint()
                .build();
    }
}
