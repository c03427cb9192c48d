package io.tombolo.gateway;

import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.Identity;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Two clusters, west (1) and east (2), as their objects say it: each has two gateways on nodes of their own, g0 and g1, and a
 * node w without one. Node i of cluster n is 203.0.113.ni, its pods are 10.n.i.0/24, of 10.n.0.0/16. All processes of a test
 * read one file of keys. Where they overlap the pods of both are in 10.7.0.0/16, which peers know as 100.64+n.0.0/16.
 */
final class SlotWorld {
    static final List<String> CLUSTERS = List.of("west", "east");
    static final int SLOTS = 2;

    /** So many lane keys each slot may have, one after the other. */
    private static final int GENERATIONS = 32;

    static final List<String> NODES = List.of("g0", "g1", "w");

    private static final String OVERLAPPING = "overlapping";

    private final Properties keys = new Properties();

    private SlotWorld() {}

    static void make(Path file, boolean overlapping) throws IOException {
        Properties keys = new Properties();
        keys.setProperty(OVERLAPPING, Boolean.toString(overlapping));
        for (String cluster : CLUSTERS) {
            keys.setProperty(cluster, Identity.generate().encoded());
            for (int slot = 0; slot < SLOTS; slot++) {
                keys.setProperty(
                        cluster + ".door." + slot, PrivateKey.generate().encoded());
                for (int generation = 1; generation <= GENERATIONS; generation++) {
                    keys.setProperty(
                            cluster + ".lane." + generation + "." + slot,
                            PrivateKey.generate().encoded());
                }
            }
        }
        try (Writer writer = Files.newBufferedWriter(file)) {
            keys.store(writer, null);
        }
    }

    static SlotWorld read(Path file) throws IOException {
        SlotWorld world = new SlotWorld();
        try (Reader reader = Files.newBufferedReader(file)) {
            world.keys.load(reader);
        }
        return world;
    }

    static String other(String cluster) {
        return CLUSTERS.get(2 - number(cluster));
    }

    static int number(String cluster) {
        return 1 + CLUSTERS.indexOf(cluster);
    }

    /** @param node index in {@link #NODES} */
    static InetAddress underlay(String cluster, int node) {
        return Addresses.parse("203.0.113." + number(cluster) + (node + 1));
    }

    Cidr pods(String cluster, int node) {
        return Cidr.parse("10." + podNumber(cluster) + "." + (node + 1) + ".0/24");
    }

    private Cidr allPods(String cluster) {
        return Cidr.parse("10." + podNumber(cluster) + ".0.0/16");
    }

    private int podNumber(String cluster) {
        return isOverlapping() ? 7 : number(cluster);
    }

    private boolean isOverlapping() {
        return Boolean.parseBoolean(keys.getProperty(OVERLAPPING));
    }

    /** As the other cluster knows them. */
    private List<Cidr> announced(String cluster) {
        return aliases(cluster).of(List.of(allPods(cluster)));
    }

    /** What pods have and what the other cluster knows them as, for a set of nft's. */
    String addresses(String cluster) {
        return nft(Stream.concat(Stream.of(allPods(cluster)), announced(cluster).stream()));
    }

    /** Who may speak to pods of the cluster in the clear: they themselves and its nodes, where they overlap those of both. */
    String insiders(String cluster) {
        return nft(CLUSTERS.stream()
                .filter(any -> allPods(any).equals(allPods(cluster)))
                .flatMap(any -> Stream.concat(
                        Stream.of(allPods(any)),
                        IntStream.range(0, NODES.size()).mapToObj(node -> Cidr.host(underlay(any, node))))));
    }

    private static String nft(Stream<Cidr> prefixes) {
        return prefixes.distinct().map(Cidr::toString).collect(Collectors.joining(", "));
    }

    Aliases aliases(String cluster) {
        return isOverlapping()
                ? new Aliases(List.of(
                        new Aliases.Alias(allPods(cluster), Cidr.parse("100." + (64 + number(cluster)) + ".0.0/16"))))
                : Aliases.NONE;
    }

    /**
     * What the operator of a cluster says: a file {@code gateways-CLUSTER} beside the keys holds it, absent at first.
     *
     * @param sequence of the announcement that says so
     * @param slots how many gateways there are
     * @param generations of each slot's lane key
     */
    record Size(long sequence, int slots, List<Generations> generations) {
        static Size read(Path keys, String cluster) throws IOException {
            Path file = keys.resolveSibling("gateways-" + cluster);
            if (!Files.exists(file)) {
                return new Size(1, SLOTS, Collections.nCopies(SLOTS, new Generations(1, 1)));
            }
            List<Integer> words = Arrays.stream(Files.readString(file).split(" ", -1))
                    .map(Integer::valueOf)
                    .toList();
            return new Size(
                    words.get(0),
                    words.get(1),
                    IntStream.range(0, SLOTS)
                            .mapToObj(slot -> new Generations(words.get(2 + 2 * slot), words.get(3 + 2 * slot)))
                            .toList());
        }

        void write(Path keys, String cluster) throws IOException {
            StringBuilder text =
                    new StringBuilder().append(sequence).append(' ').append(slots);
            generations.forEach(
                    g -> text.append(' ').append(g.first()).append(' ').append(g.last()));
            replace(keys.resolveSibling("gateways-" + cluster), text.toString());
        }

        Size with(int slots) {
            return new Size(sequence + 1, slots, generations);
        }

        Size with(int slot, Generations now) {
            List<Generations> all = new ArrayList<>(generations);
            all.set(slot, now);
            return new Size(sequence + 1, slots, List.copyOf(all));
        }
    }

    /** The oldest and the newest generation that a slot has a lane key of: one, or two while it is rotated. */
    record Generations(int first, int last) {}

    /** In one step, so that whoever watches the directory never reads half of it. */
    static void replace(Path file, String text) throws IOException {
        Path part = Files.createTempFile("tombolo", ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Whether the cluster has its link: a file {@code unlinked-CLUSTER} beside the keys says that it does not. */
    static boolean isLinked(Path keys, String cluster) {
        return !Files.exists(unlinked(keys, cluster));
    }

    static Path unlinked(Path keys, String cluster) {
        return keys.resolveSibling("unlinked-" + cluster);
    }

    /**
     * @param cordoned nodes of the cluster
     * @param linked statuses of its links; empty where it has none
     */
    World of(String cluster, Size size, Set<String> cordoned, Optional<Map<ClusterId, ClusterLinkStatus>> linked) {
        Map<PublicKey, PrivateKey> privateKeys = new HashMap<>();
        for (int slot = 0; slot < SLOTS; slot++) {
            Generations generations = size.generations().get(slot);
            for (String kind : List.of("door", "lane." + generations.first(), "lane." + generations.last())) {
                PrivateKey key = key(cluster, kind, slot);
                privateKeys.put(key.publicKey(), key);
            }
        }
        Announcement announcement = new Announcement(
                new ClusterId(cluster),
                size.sequence(),
                1,
                1,
                slots(size)
                        .mapToObj(slot -> new Announcement.Slot(
                                slot,
                                laneKey(
                                        cluster,
                                        slot,
                                        size.generations().get(slot).first()),
                                size.generations().get(slot).first(),
                                nextLaneKey(cluster, slot, size),
                                List.of(endpoint(cluster, slot))))
                        .toList(),
                announced(cluster));
        return new World(
                local(cluster, size),
                linked.isPresent() ? List.of(link(other(cluster))) : List.of(),
                linked.orElse(Map.of()),
                privateKeys,
                Map.of(),
                cordoned,
                Optional.of(new World.OurAnnouncement(identity(cluster).sign(announcement), size.sequence())));
    }

    /** What a node is told. */
    NetworkDocument document(String cluster, Size size, boolean linked) {
        String peer = other(cluster);
        return new NetworkDocument(
                new ClusterId(cluster),
                List.of(allPods(cluster)),
                aliases(cluster),
                slots(size)
                        .mapToObj(slot -> new NetworkDocument.Gateway(slot, NODES.get(slot), underlay(cluster, slot)))
                        .toList(),
                IntStream.range(0, NODES.size())
                        .mapToObj(i ->
                                new NetworkDocument.Node(NODES.get(i), underlay(cluster, i), List.of(pods(cluster, i))))
                        .toList(),
                linked ? List.of(new NetworkDocument.Peer(new ClusterId(peer), announced(peer), true)) : List.of());
    }

    private LocalView local(String cluster, Size size) {
        return new LocalView(
                        new ClusterId(cluster),
                        identity(cluster).publicKey(),
                        TwoClusters.PORT,
                        slots(size)
                                .mapToObj(slot -> new LocalView.Gateway(
                                        slot,
                                        key(cluster, "door", slot).publicKey(),
                                        laneKey(
                                                cluster,
                                                slot,
                                                size.generations().get(slot).first()),
                                        size.generations().get(slot).first(),
                                        nextLaneKey(cluster, slot, size),
                                        List.of(endpoint(cluster, slot))))
                                .toList(),
                        IntStream.range(0, NODES.size())
                                .mapToObj(i -> new LocalView.Node(
                                        NODES.get(i), underlay(cluster, i), List.of(pods(cluster, i))))
                                .toList(),
                        List.of(allPods(cluster)),
                        List.of(),
                        List.of(),
                        List.of())
                .under(aliases(cluster));
    }

    private LinkView link(String peer) {
        return new LinkView(
                new ClusterId(peer),
                Instant.EPOCH,
                "uid",
                List.of(identity(peer).publicKey()),
                IntStream.range(0, SLOTS)
                        .mapToObj(slot -> new LinkView.PinnedGateway(
                                slot, key(peer, "door", slot).publicKey(), Optional.of(endpoint(peer, slot))))
                        .toList(),
                List.of(),
                LinkView.Access.ALL_PODS,
                false,
                Optional.empty());
    }

    private static Endpoint endpoint(String cluster, int slot) {
        return new Endpoint(underlay(cluster, slot), TwoClusters.PORT);
    }

    private static IntStream slots(Size size) {
        return IntStream.range(0, size.slots());
    }

    private Identity identity(String cluster) {
        return Identity.decode(keys.getProperty(cluster));
    }

    PublicKey laneKey(String cluster, int slot, int generation) {
        return key(cluster, "lane." + generation, slot).publicKey();
    }

    private Optional<PublicKey> nextLaneKey(String cluster, int slot, Size size) {
        Generations generations = size.generations().get(slot);
        return Optional.of(generations.last())
                .filter(last -> last > generations.first())
                .map(last -> laneKey(cluster, slot, last));
    }

    private PrivateKey key(String cluster, String kind, int slot) {
        return PrivateKey.parse(keys.getProperty(cluster + "." + kind + "." + slot));
    }
}
