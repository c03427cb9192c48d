package io.tombolo.handover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkDocumentCodecTest {
    private static final NetworkDocument DOCUMENT = new NetworkDocument(
            new ClusterId("west"),
            List.of(Cidr.parse("10.42.0.0/16")),
            new Aliases(List.of(new Aliases.Alias(Cidr.parse("10.42.0.0/16"), Cidr.parse("100.66.0.0/16")))),
            List.of(new NetworkDocument.Gateway(0, "n1", Addresses.parse("192.0.2.11"))),
            List.of(
                    new NetworkDocument.Node("n1", Addresses.parse("192.0.2.11"), List.of(Cidr.parse("10.42.0.0/24"))),
                    new NetworkDocument.Node("n2", Addresses.parse("192.0.2.12"), List.of())),
            List.of(new NetworkDocument.Peer(new ClusterId("east"), List.of(Cidr.parse("10.52.0.0/16")), true)));

    private static final String TEXT = "{\"version\":1,\"clusterId\":\"west\",\"podCidrs\":[\"10.42.0.0/16\"],"
            + "\"aliases\":[{\"cidr\":\"10.42.0.0/16\",\"alias\":\"100.66.0.0/16\"}],"
            + "\"gateways\":[{\"slot\":0,\"node\":\"n1\",\"address\":\"192.0.2.11\"}],"
            + "\"nodes\":[{\"name\":\"n1\",\"address\":\"192.0.2.11\",\"podCidrs\":[\"10.42.0.0/24\"]},"
            + "{\"name\":\"n2\",\"address\":\"192.0.2.12\",\"podCidrs\":[]}],"
            + "\"peers\":[{\"clusterId\":\"east\",\"prefixes\":[\"10.52.0.0/16\"],\"allPods\":true}]}";

    @Test
    void writesWhatOlderAndNewerAgentsRead() {
        assertEquals(TEXT, NetworkDocumentCodec.write(DOCUMENT));
    }

    @Test
    void readsWhatItWrote() throws Exception {
        assertEquals(DOCUMENT, NetworkDocumentCodec.read(TEXT));
    }

    @Test
    void ignoresWhatANewerOperatorAdds() throws Exception {
        String newer = TEXT.replace("\"slot\":0", "\"slot\":0,\"zone\":{\"a\":[1,{}]}")
                .replace("{\"version\"", "{\"extra\":[[]],\"version\"");
        assertEquals(DOCUMENT, NetworkDocumentCodec.read(newer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{",
                "{}",
                "{\"version\":2,\"clusterId\":\"west\"}",
                "{\"version\":1}",
                "{\"version\":1,\"clusterId\":\"West\"}",
                "{\"version\":1,\"clusterId\":7}",
                "{\"version\":1,\"clusterId\":\"west\",\"podCidrs\":[\"10.42.0.1/16\"]}",
                "{\"version\":1,\"clusterId\":\"west\",\"podCidrs\":[null]}",
                "{\"version\":1,\"clusterId\":\"west\",\"gateways\":[{\"slot\":8,\"node\":\"a\",\"address\":\"192.0.2.1\"}]}",
                "{\"version\":1,\"clusterId\":\"west\",\"gateways\":[{\"slot\":0,\"node\":\"a\",\"address\":\"gw.example\"}]}",
                "{\"version\":1,\"clusterId\":\"west\",\"nodes\":[{\"name\":\"a\"}]}",
                "{\"version\":1,\"clusterId\":\"west\",\"peers\":[{\"clusterId\":\"a\"},{\"clusterId\":\"a\"}]}",
                "{\"version\":1,\"clusterId\":\"west\",\"aliases\":[{\"cidr\":\"10.42.0.0/16\"}]}",
                "{\"version\":1,\"clusterId\":\"west\",\"aliases\":[{\"cidr\":\"10.42.0.0/16\",\"alias\":\"10.66.0.0/17\"}]}",
                "{\"version\":1,\"clusterId\":\"west\"} trailing"
            })
    void refusesTheWholeDocumentForOneBadValue(String text) {
        assertThrows(MalformedDocumentException.class, () -> NetworkDocumentCodec.read(text));
    }

    @Test
    void refusesEveryTruncation() {
        for (int length = 0; length < TEXT.length(); length++) {
            String truncated = TEXT.substring(0, length);
            assertThrows(MalformedDocumentException.class, () -> NetworkDocumentCodec.read(truncated));
        }
    }

    @Test
    void refusesMoreGatewaysThanThereAreSlots() {
        String nine = "{\"slot\":0,\"node\":\"n1\",\"address\":\"192.0.2.11\"},".repeat(9);
        String text = TEXT.replaceAll(
                "\"gateways\":\\[[^]]*]", "\"gateways\":[" + nine.substring(0, nine.length() - 1) + "]");
        assertThrows(MalformedDocumentException.class, () -> NetworkDocumentCodec.read(text));
    }
}
