package io.tombolo.plan.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.TunnelAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class TopologyPlannerPropertyTest {
    private static final List<Cidr> SPECIAL = Views.cidrs(
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "192.0.0.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "100.100.100.200/32",
            "168.63.129.16/32",
            "::/96",
            "fe80::/10",
            "ff00::/8",
            "64:ff9b::/96",
            "2002::/16",
            "fd00:ec2::254/128");

    private static final LocalView WEST = Views.west();

    /** What no peer may have. */
    private static final List<Cidr> SHIELDED = Stream.of(
                    SPECIAL.stream(),
                    WEST.podCidrs().stream(),
                    WEST.serviceCidrs().stream(),
                    WEST.protectedCidrs().stream(),
                    WEST.protectedAddresses().stream().map(Cidr::host),
                    WEST.nodes().stream().map(node -> Cidr.host(node.address())),
                    Stream.of(WEST.tunnelAddress().network()))
            .flatMap(cidrs -> cidrs)
            .toList();

    /** Eight links in each try, of which 7 in 8 announce: 105,000 sets of prefixes. */
    @Property(tries = 15_000)
    void neverMeetsWhatIsProtectedOrAnotherPeers(@ForAll long seed) {
        Random random = new Random(seed);
        List<Cidr> shielded = new ArrayList<>(SHIELDED);
        List<LinkView> links = links(random, 8, shielded);
        links.forEach(
                l -> shielded.add(TunnelAddress.of(l.identities().getFirst()).network()));

        Topology topology = TopologyPlanner.plan(WEST, links);

        List<Cidr> taken = new ArrayList<>(shielded);
        for (Peer peer : topology.peers().values()) {
            for (Cidr prefix : peer.prefixes()) {
                assertFalse(taken.stream().anyMatch(prefix::overlaps), () -> prefix + " of " + peer.clusterId());
            }
            taken.addAll(peer.prefixes());
        }
    }

    @Property(tries = 2_000)
    void doesNotDependOnTheOrderOfLinks(@ForAll long seed) {
        Random random = new Random(seed);
        List<LinkView> links = new ArrayList<>(links(random, 1 + random.nextInt(3), WEST.podCidrs()));
        Topology topology = TopologyPlanner.plan(WEST, links);
        Collections.shuffle(links, random);
        assertEquals(topology, TopologyPlanner.plan(WEST, links));
    }

    @Property(tries = 2_000)
    void whatIsAcceptableIsAcceptedWhole(@ForAll long seed) {
        Random random = new Random(seed);
        List<LinkView> links = links(random, 1 + random.nextInt(3), WEST.podCidrs());
        LinkView link = links.getFirst();
        List<LinkView> others = links.subList(1, links.size());
        link.announced()
                .filter(a -> TopologyPlanner.acceptable(WEST, others, link, a).isEmpty())
                .ifPresent(a -> {
                    List<Cidr> accepted = new ArrayList<>();
                    Topology topology = TopologyPlanner.plan(WEST, links);
                    Peer peer = Objects.requireNonNull(topology.peers().get(link.name()));
                    accepted.addAll(peer.prefixes());
                    accepted.sort(null);
                    assertEquals(a.prefixes(), accepted);
                });
    }

    /** Links, unannounced or with prefixes drawn near what is protected and near each other. */
    private static List<LinkView> links(Random random, int count, List<Cidr> near) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> {
                    List<Cidr> pin = random.nextInt(3) == 0 ? prefixes(random, near, 2) : List.of();
                    LinkView link = Views.link("peer-" + number, number, pin);
                    return random.nextInt(8) == 0 ? link : Views.announcing(link, prefixes(random, near, 6));
                })
                .toList();
    }

    private static List<Cidr> prefixes(Random random, List<Cidr> near, int most) {
        return Stream.generate(() -> prefix(random, near))
                .limit(1 + random.nextInt(most))
                .distinct()
                .sorted()
                .toList();
    }

    private static Cidr prefix(Random random, List<Cidr> near) {
        byte[] address;
        switch (random.nextInt(4)) {
            case 0 -> address = near.get(random.nextInt(near.size())).network().getAddress();
            case 1 ->
                address = new byte[] {10, (byte) random.nextInt(), (byte) random.nextInt(), (byte) random.nextInt()};
            case 2 -> {
                address = new byte[16];
                random.nextBytes(address);
                address[0] = (byte) 0xfd;
                address[1] = (byte) random.nextInt(4);
            }
            default -> {
                address = new byte[4];
                random.nextBytes(address);
            }
        }
        int bits = address.length * 8;
        int length = bits / 4 + random.nextInt(3 * bits / 4 + 1);
        return Cidr.containing(Addresses.of(address), length);
    }
}
