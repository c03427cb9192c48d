package io.tombolo.handover;

import io.tombolo.net.Addresses;
import io.tombolo.net.Transport;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** {@link NodeExports} as lines of text, {@code TCP 8080 10.42.1.5,10.42.1.9}; ordered, so that equal exports are equal text. */
public final class NodeExportsCodec {
    private static final int MAX_LINES = 20_000;
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final Comparator<InetAddress> BY_NUMBER = Comparator.comparing(
                    (InetAddress a) -> a.getAddress().length)
            .thenComparing(InetAddress::getAddress, Arrays::compareUnsigned);

    private NodeExportsCodec() {}

    public static String write(NodeExports exports) {
        return exports.exported().stream()
                .sorted(Comparator.comparing(NodeExports.Exported::transport).thenComparing(NodeExports.Exported::port))
                .map(NodeExportsCodec::line)
                .collect(Collectors.joining());
    }

    private static String line(NodeExports.Exported exported) {
        return exported.addresses().stream()
                .sorted(BY_NUMBER)
                .map(Addresses::text)
                .collect(Collectors.joining(",", exported.transport() + " " + exported.port() + " ", "\n"));
    }

    /** @throws MalformedDocumentException names the line */
    public static NodeExports read(String text) throws MalformedDocumentException {
        if (text.length() > MAX_CHARACTERS) {
            throw new MalformedDocumentException("exports are longer than " + MAX_CHARACTERS + " characters");
        }
        List<NodeExports.Exported> exported = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (exported.size() == MAX_LINES) {
                throw new MalformedDocumentException("exports have more than " + MAX_LINES + " lines");
            }
            exported.add(read(line, exported.size() + 1));
        }
        return new NodeExports(exported);
    }

    private static NodeExports.Exported read(String line, int number) throws MalformedDocumentException {
        String[] words = line.split(" ", -1);
        if (words.length != 3) {
            throw new MalformedDocumentException("exports, line " + number + ": not `TRANSPORT PORT ADDRESSES`");
        }
        try {
            int port = Integer.parseInt(words[1]);
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port " + port);
            }
            List<InetAddress> addresses = new ArrayList<>();
            for (String address : words[2].split(",", -1)) {
                addresses.add(Addresses.parse(address));
            }
            return new NodeExports.Exported(Transport.valueOf(words[0]), port, addresses);
        } catch (IllegalArgumentException e) {
            throw new MalformedDocumentException("exports, line " + number + ": " + e.getMessage(), e);
        }
    }
}
