package io.tombolo.handover;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * {@link NetworkDocument} as JSON, read and written as a stream, so that the node agent needs no databind. Unknown fields
 * are ignored: an older agent reads what a newer operator writes, as long as {@code version} is one it knows. Everything
 * else is strict: a document with one bad value is refused whole.
 */
public final class NetworkDocumentCodec {
    /** Raised only where an old agent would do something wrong with a new document. */
    public static final int VERSION = 1;

    /** What a ConfigMap can hold. */
    private static final int MAX_CHARACTERS = 1 << 20;

    private static final int MAX_GATEWAYS = 8;
    private static final int MAX_NODES = 10_000;
    private static final int MAX_PEERS = 1_000;
    private static final int MAX_PREFIXES = 10_000;
    private static final int MAX_ALIASES = 64;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(16)
                    .maxStringLength(4096)
                    .maxDocumentLength(MAX_CHARACTERS)
                    .build())
            .build();

    private NetworkDocumentCodec() {}

    /** The same document always gives the same text. */
    public static String write(NetworkDocument document) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("version", VERSION);
            json.writeStringField("clusterId", document.clusterId().value());
            writeCidrs(json, "podCidrs", document.podCidrs());
            json.writeArrayFieldStart("aliases");
            for (Aliases.Alias pair : document.aliases().pairs()) {
                json.writeStartObject();
                json.writeStringField("cidr", pair.cidr().toString());
                json.writeStringField("alias", pair.alias().toString());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("gateways");
            for (NetworkDocument.Gateway gateway : document.gateways()) {
                json.writeStartObject();
                json.writeNumberField("slot", gateway.slot());
                json.writeStringField("node", gateway.node());
                json.writeStringField("address", Addresses.text(gateway.address()));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("nodes");
            for (NetworkDocument.Node node : document.nodes()) {
                json.writeStartObject();
                json.writeStringField("name", node.name());
                json.writeStringField("address", Addresses.text(node.address()));
                writeCidrs(json, "podCidrs", node.podCidrs());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("peers");
            for (NetworkDocument.Peer peer : document.peers()) {
                json.writeStartObject();
                json.writeStringField("clusterId", peer.clusterId().value());
                writeCidrs(json, "prefixes", peer.prefixes());
                json.writeBooleanField("allPods", peer.allPods());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does not fail", e);
        }
        return text.toString();
    }

    private static void writeCidrs(JsonGenerator json, String name, List<Cidr> cidrs) throws IOException {
        json.writeArrayFieldStart(name);
        for (Cidr cidr : cidrs) {
            json.writeString(cidr.toString());
        }
        json.writeEndArray();
    }

    /** @throws MalformedDocumentException says what is wrong and where */
    public static NetworkDocument read(String text) throws MalformedDocumentException {
        try (JsonParser json = JSON.createParser(text)) {
            JsonFields fields = new JsonFields(json);
            fields.require(json.nextToken(), JsonToken.START_OBJECT);
            NetworkDocument document = document(fields);
            if (json.nextToken() != null) {
                throw new MalformedDocumentException("text follows the document");
            }
            return document;
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedDocumentException("network document: " + e.getMessage(), e);
        }
    }

    private static NetworkDocument document(JsonFields json) throws IOException, MalformedDocumentException {
        int version = 0;
        Optional<ClusterId> clusterId = Optional.empty();
        List<Cidr> podCidrs = List.of();
        List<Aliases.Alias> aliases = List.of();
        List<NetworkDocument.Gateway> gateways = List.of();
        List<NetworkDocument.Node> nodes = List.of();
        List<NetworkDocument.Peer> peers = List.of();
        for (String field = json.nextField(); !field.isEmpty(); field = json.nextField()) {
            switch (field) {
                case "version" -> version = json.number(1, Integer.MAX_VALUE);
                case "clusterId" -> clusterId = Optional.of(new ClusterId(json.string()));
                case "podCidrs" -> podCidrs = cidrs(json);
                case "aliases" -> aliases = json.objects(MAX_ALIASES, NetworkDocumentCodec::alias);
                case "gateways" -> gateways = json.objects(MAX_GATEWAYS, NetworkDocumentCodec::gateway);
                case "nodes" -> nodes = json.objects(MAX_NODES, NetworkDocumentCodec::node);
                case "peers" -> peers = json.objects(MAX_PEERS, NetworkDocumentCodec::peer);
                default -> json.skip();
            }
        }
        if (version != VERSION) {
            throw new MalformedDocumentException("version " + version + ", and this agent knows " + VERSION);
        }
        requireDistinct(
                "slot", gateways.stream().map(NetworkDocument.Gateway::slot).toList());
        requireDistinct("node", nodes.stream().map(NetworkDocument.Node::name).toList());
        requireDistinct(
                "peer", peers.stream().map(NetworkDocument.Peer::clusterId).toList());
        return new NetworkDocument(
                require("clusterId", clusterId),
                podCidrs,
                new Aliases(aliases),
                sorted(gateways, Comparator.comparing(NetworkDocument.Gateway::slot)),
                sorted(nodes, Comparator.comparing(NetworkDocument.Node::name)),
                sorted(peers, Comparator.comparing(NetworkDocument.Peer::clusterId)));
    }

    private static Aliases.Alias alias(JsonFields json) throws IOException, MalformedDocumentException {
        Optional<Cidr> cidr = Optional.empty();
        Optional<Cidr> alias = Optional.empty();
        for (String field = json.nextField(); !field.isEmpty(); field = json.nextField()) {
            switch (field) {
                case "cidr" -> cidr = Optional.of(Cidr.parse(json.string()));
                case "alias" -> alias = Optional.of(Cidr.parse(json.string()));
                default -> json.skip();
            }
        }
        return new Aliases.Alias(require("cidr", cidr), require("alias", alias));
    }

    private static NetworkDocument.Gateway gateway(JsonFields json) throws IOException, MalformedDocumentException {
        Optional<Integer> slot = Optional.empty();
        Optional<String> node = Optional.empty();
        Optional<InetAddress> address = Optional.empty();
        for (String field = json.nextField(); !field.isEmpty(); field = json.nextField()) {
            switch (field) {
                case "slot" -> slot = Optional.of(json.number(0, MAX_GATEWAYS - 1));
                case "node" -> node = Optional.of(json.string());
                case "address" -> address = Optional.of(Addresses.parse(json.string()));
                default -> json.skip();
            }
        }
        return new NetworkDocument.Gateway(require("slot", slot), require("node", node), require("address", address));
    }

    private static NetworkDocument.Node node(JsonFields json) throws IOException, MalformedDocumentException {
        Optional<String> name = Optional.empty();
        Optional<InetAddress> address = Optional.empty();
        List<Cidr> podCidrs = List.of();
        for (String field = json.nextField(); !field.isEmpty(); field = json.nextField()) {
            switch (field) {
                case "name" -> name = Optional.of(json.string());
                case "address" -> address = Optional.of(Addresses.parse(json.string()));
                case "podCidrs" -> podCidrs = cidrs(json);
                default -> json.skip();
            }
        }
        return new NetworkDocument.Node(require("name", name), require("address", address), podCidrs);
    }

    private static NetworkDocument.Peer peer(JsonFields json) throws IOException, MalformedDocumentException {
        Optional<ClusterId> clusterId = Optional.empty();
        List<Cidr> prefixes = List.of();
        boolean allPods = false;
        for (String field = json.nextField(); !field.isEmpty(); field = json.nextField()) {
            switch (field) {
                case "clusterId" -> clusterId = Optional.of(new ClusterId(json.string()));
                case "prefixes" -> prefixes = cidrs(json);
                case "allPods" -> allPods = json.bool();
                default -> json.skip();
            }
        }
        return new NetworkDocument.Peer(require("clusterId", clusterId), prefixes, allPods);
    }

    private static List<Cidr> cidrs(JsonFields json) throws IOException, MalformedDocumentException {
        List<Cidr> cidrs = new ArrayList<>();
        for (String text : json.strings(MAX_PREFIXES)) {
            cidrs.add(Cidr.parse(text));
        }
        return cidrs;
    }

    private static <T> T require(String field, Optional<T> value) throws MalformedDocumentException {
        return value.orElseThrow(() -> new MalformedDocumentException(field + " is missing"));
    }

    private static void requireDistinct(String what, List<?> keys) throws MalformedDocumentException {
        if (keys.stream().distinct().count() != keys.size()) {
            throw new MalformedDocumentException("a " + what + " stands there twice: " + keys);
        }
    }

    private static <T> List<T> sorted(List<T> list, Comparator<T> by) {
        return list.stream().sorted(by).toList();
    }
}
