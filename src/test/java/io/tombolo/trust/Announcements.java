package io.tombolo.trust;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PublicKey;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Announcements to test with. */
final class Announcements {
    private Announcements() {}

    static Announcement of(String clusterId, long sequence) {
        return new Announcement(
                new ClusterId(clusterId),
                sequence,
                1,
                1,
                List.of(new Announcement.Slot(
                        0,
                        PublicKey.of(new byte[] {
                            9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
                            25, 26, 27, 28, 29, 30, 31
                        }),
                        1,
                        List.of(
                                new Endpoint(Addresses.parse("203.0.113.10"), 51820),
                                new Endpoint(Addresses.parse("2001:db8::10"), 51820)))),
                List.of(Cidr.parse("10.52.0.0/16"), Cidr.parse("fd52::/48")));
    }

    /** Anything that may be announced, from a seed: all sizes, both families. */
    static Arbitrary<Announcement> any() {
        return Arbitraries.longs().map(seed -> random(new Random(seed)));
    }

    private static Announcement random(Random random) {
        List<Announcement.Slot> slots = IntStream.range(0, 8)
                .filter(slot -> random.nextBoolean())
                .mapToObj(slot -> new Announcement.Slot(
                        slot,
                        PublicKey.of(bytes(random, 32)),
                        1 + random.nextInt(Integer.MAX_VALUE),
                        random.nextBoolean() ? Optional.empty() : Optional.of(PublicKey.of(bytes(random, 32))),
                        Stream.generate(() -> endpoint(random))
                                .limit(random.nextInt(3))
                                .distinct()
                                .toList()))
                .toList();
        List<Cidr> prefixes = Stream.generate(() -> prefix(random))
                .limit(random.nextInt(65))
                .distinct()
                .sorted(Comparator.naturalOrder())
                .toList();
        int protocolMin = 1 + random.nextInt(65535);
        return new Announcement(
                new ClusterId("c" + Long.toString(random.nextLong(Long.MAX_VALUE), 36)),
                1 + random.nextLong(Long.MAX_VALUE),
                protocolMin,
                protocolMin + random.nextInt(65536 - protocolMin),
                slots,
                prefixes);
    }

    private static Endpoint endpoint(Random random) {
        return new Endpoint(Addresses.of(bytes(random, random.nextBoolean() ? 4 : 16)), 1 + random.nextInt(65526));
    }

    private static Cidr prefix(Random random) {
        int bytes = random.nextBoolean() ? 4 : 16;
        return Cidr.containing(Addresses.of(bytes(random, bytes)), random.nextInt(8 * bytes + 1));
    }

    static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
