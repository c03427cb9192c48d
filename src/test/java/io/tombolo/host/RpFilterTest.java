package io.tombolo.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RpFilterTest {
    private NetworkNamespace namespace;

    @BeforeEach
    void makeNamespace() throws Exception {
        namespace = NetworkNamespace.create("nd-rpf");
        namespace.run("ip", "link", "add", "va", "type", "veth", "peer", "name", "vb");
    }

    @AfterEach
    void deleteNamespace() throws Exception {
        namespace.close();
    }

    @Test
    void readsBackWhatItWrote() throws Exception {
        assertEquals(2, namespace.within(() -> {
            RpFilter.write("va", RpFilter.LOOSE);
            return RpFilter.read("va").orElseThrow();
        }));
        assertEquals(1, namespace.within(() -> {
            RpFilter.write("va", 1);
            return RpFilter.read("va").orElseThrow();
        }));
    }

    @Test
    void knowsAnInterfaceThatIsNotThere() throws Exception {
        assertTrue(namespace.within(() -> RpFilter.read("vc")).isEmpty());
        assertThrows(
                IOException.class,
                () -> namespace.within(() -> {
                    RpFilter.write("vc", 2);
                    return 0;
                }));
    }
}
