package io.tombolo.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tombolo.net.Addresses;
import io.tombolo.net.Transport;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeExportsCodecTest {
    @Test
    void writesOrderedLinesWhateverTheOrderBefore() throws Exception {
        NodeExports exports = new NodeExports(List.of(
                new NodeExports.Exported(Transport.UDP, 53, List.of(Addresses.parse("10.42.1.5"))),
                new NodeExports.Exported(
                        Transport.TCP, 8080, List.of(Addresses.parse("10.42.1.10"), Addresses.parse("10.42.1.9")))));
        String text = "TCP 8080 10.42.1.9,10.42.1.10\nUDP 53 10.42.1.5\n";
        assertEquals(text, NodeExportsCodec.write(exports));
        assertEquals(text, NodeExportsCodec.write(NodeExportsCodec.read(text)));
    }

    @Test
    void readsNothingFromNothing() throws Exception {
        assertEquals(new NodeExports(List.of()), NodeExportsCodec.read(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TCP 0 10.0.0.1\n",
                "TCP 65536 10.0.0.1\n",
                "ICMP 1 10.0.0.1\n",
                "TCP 80\n",
                "TCP 80 \n",
                "TCP 80 10.0.0.1,\n",
                "TCP 80 10.0.0.1 x\n",
                "TCP 80 host.example\n",
                "TCP 80 } drop\n",
                "\n"
            })
    void refusesALineThatIsNotOne(String text) {
        assertThrows(MalformedDocumentException.class, () -> NodeExportsCodec.read(text));
    }
}
