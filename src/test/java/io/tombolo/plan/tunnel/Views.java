package io.tombolo.plan.tunnel;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.trust.Announcement;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Clusters and links to plan with. Keys are told apart by one number; nobody has their private halves. */
final class Views {
    static final int WEST = 100;

    private Views() {}

    /** Cluster west: pods 10.42/16, services 10.96/12, three nodes of which one has the gateway. */
    static LocalView west() {
        return west(List.of(endpoint("203.0.113.1:51820")), "192.168.1.11", "192.168.1.12", "192.168.1.13");
    }

    static LocalView west(List<Endpoint> advertised, String... nodes) {
        return new LocalView(
                new ClusterId("west"),
                identity(WEST),
                51820,
                List.of(new LocalView.Gateway(0, key(WEST), key(WEST + 1), 1, advertised)),
                Stream.of(nodes)
                        .map(a -> new LocalView.Node(
                                "n" + a.substring(a.lastIndexOf('.') + 1), Addresses.parse(a), List.of()))
                        .toList(),
                cidrs("10.42.0.0/16", "fd42::/48"),
                cidrs("10.96.0.0/12"),
                List.of(Addresses.parse("192.168.1.5")),
                cidrs("172.17.0.0/16"));
    }

    /** A link to {@code name}, whose keys are made from {@code number}; younger the higher the number. Not announced. */
    static LinkView link(String name, int number, String... pin) {
        return link(name, number, cidrs(pin));
    }

    static LinkView link(String name, int number, List<Cidr> pin) {
        return new LinkView(
                new ClusterId(name),
                Instant.ofEpochSecond(1_000 + number),
                "uid-" + number,
                List.of(identity(number)),
                List.of(new LinkView.PinnedGateway(
                        0, key(number), Optional.of(endpoint("198.51.100." + number + ":51820")))),
                pin,
                LinkView.Access.EXPORTED_SERVICES,
                false,
                Optional.empty());
    }

    static LinkView announcing(LinkView link, String... prefixes) {
        return announcing(link, cidrs(prefixes));
    }

    static LinkView announcing(LinkView link, List<Cidr> prefixes) {
        return link.withAnnounced(announcement(link, prefixes));
    }

    static Announcement announcement(LinkView link, String... prefixes) {
        return announcement(link, cidrs(prefixes));
    }

    private static Announcement announcement(LinkView link, List<Cidr> prefixes) {
        int number = link.gateways().getFirst().doorKey().bytes()[0];
        return new Announcement(link.name(), 1, 1, 1, List.of(slot(0, number + 50)), prefixes);
    }

    static Announcement announcement(String name, List<Announcement.Slot> slots, String... prefixes) {
        return new Announcement(new ClusterId(name), 1, 1, 1, slots, cidrs(prefixes));
    }

    static Announcement.Slot slot(int slot, int key, String... endpoints) {
        return new Announcement.Slot(
                slot, key(key), 1, Stream.of(endpoints).map(Views::endpoint).toList());
    }

    static LinkView withDoor(LinkView link, PublicKey key, Optional<Endpoint> endpoint) {
        return new LinkView(
                link.name(),
                link.created(),
                link.uid(),
                link.identities(),
                List.of(new LinkView.PinnedGateway(0, key, endpoint)),
                link.pin(),
                link.access(),
                link.lacksPresharedKey(),
                link.announced());
    }

    static LinkView withEndpoint(LinkView link, String endpoint) {
        return withDoor(link, link.gateways().getFirst().doorKey(), Optional.of(endpoint(endpoint)));
    }

    static LinkView withIdentities(LinkView link, IdentityKey... identities) {
        return new LinkView(
                link.name(),
                link.created(),
                link.uid(),
                List.of(identities),
                link.gateways(),
                link.pin(),
                link.access(),
                link.lacksPresharedKey(),
                link.announced());
    }

    static PublicKey key(int number) {
        return PublicKey.of(bytes(number));
    }

    static IdentityKey identity(int number) {
        return IdentityKey.of(bytes(number));
    }

    private static byte[] bytes(int number) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) number);
        return bytes;
    }

    static Endpoint endpoint(String text) {
        int colon = text.lastIndexOf(':');
        String address = text.substring(0, colon).replace("[", "").replace("]", "");
        return new Endpoint(Addresses.parse(address), Integer.parseInt(text.substring(colon + 1)));
    }

    static List<Cidr> cidrs(String... texts) {
        return Stream.of(texts).map(Cidr::parse).sorted().toList();
    }
}
