package io.tombolo.dns.server;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Makes queries about the names of {@code Zones.shop()}, and then spoils most of them a little. */
final class PacketMutator {
    private static final List<String> NAMES = List.of(
            "",
            "svc",
            "dns",
            "ns.dns",
            "dns-version",
            "shop.svc",
            "web.shop.svc",
            "_tcp.web.shop.svc",
            "_http._tcp.web.shop.svc",
            "dual.shop.svc",
            "_dns._udp.dual.shop.svc",
            "db.shop.svc",
            "_http._tcp.db.shop.svc",
            "east.db.shop.svc",
            "db-0.east.db.shop.svc",
            "10-52-1-3.east.db.shop.svc",
            "db-0.west.db.shop.svc",
            "gone.shop.svc",
            "nope.shop.svc",
            "east.web.shop.svc",
            "nope");
    private static final int[] TYPES = {
        Wire.A, Wire.AAAA, Wire.SRV, Wire.TXT, Wire.SOA, Wire.NS, Wire.ANY, Wire.AXFR, Wire.IXFR, 0, 5, 12, 15, 43, 48,
        65535
    };
    private static final int[] CLASSES = {0, 3, 254, 255};
    private static final int[] TELLING = {0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff};

    private final RandomGenerator random;

    PacketMutator(RandomGenerator random) {
        this.random = random;
    }

    byte[] next() {
        byte[] packet = query();
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            packet = changed(packet);
        }
        return packet;
    }

    private byte[] query() {
        boolean edns = random.nextBoolean();
        boolean more = random.nextInt(8) == 0;
        TestQuery query = TestQuery.header(1, 0, more ? 1 : 0, edns ? 1 : 0)
                .name(mixedCase(NAMES.get(random.nextInt(NAMES.size())) + ".clusterset.local"))
                .u16(
                        TYPES[random.nextInt(2) * random.nextInt(TYPES.length)],
                        rarely() ? CLASSES[random.nextInt(CLASSES.length)] : Wire.IN);
        if (more) {
            query.raw(0xc0, 12).u16(Wire.A, Wire.IN, 0, 5, 4).raw(1, 2, 3, 4);
        }
        if (edns) {
            if (rarely()) {
                query.label("a");
            }
            int size = rarely() ? 1 : random.nextInt(2) * random.nextInt(4097);
            query.opt(size, 0, random.nextBoolean() ? new int[0] : option());
        }
        return query.bytes();
    }

    private boolean rarely() {
        return random.nextInt(50) == 0;
    }

    private int[] option() {
        int length = random.nextInt(9);
        int[] option = new int[4 + length];
        option[1] = random.nextInt(20);
        option[3] = length;
        return option;
    }

    private String mixedCase(String name) {
        StringBuilder mixed = new StringBuilder();
        name.chars().forEach(c -> mixed.append((char) (random.nextInt(4) == 0 ? Character.toUpperCase(c) : c)));
        return mixed.toString();
    }

    /** One byte, a bit, bytes more, bytes less, or the end cut off; the header, which decides most, more often than its share. */
    private byte[] changed(byte[] packet) {
        if (packet.length == 0) {
            return packet;
        }
        int at = random.nextInt(random.nextInt(3) == 0 ? Math.min(12, packet.length) : packet.length);
        byte[] copy = packet.clone();
        switch (random.nextInt(8)) {
            case 0, 1 -> copy[at] = (byte) random.nextInt(256);
            case 2, 3 -> copy[at] = (byte) TELLING[random.nextInt(TELLING.length)];
            case 4, 5 -> copy[at] ^= (byte) (1 << random.nextInt(8));
            case 6 ->
                copy = spliced(packet, at, random.nextInt(1 + Math.min(4, packet.length - at)), random.nextInt(5));
            default -> copy = Arrays.copyOf(packet, random.nextBoolean() ? at : packet.length + at % 16);
        }
        return copy;
    }

    private byte[] spliced(byte[] packet, int at, int without, int with) {
        byte[] inserted = new byte[with];
        random.nextBytes(inserted);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(packet, 0, at);
        out.writeBytes(inserted);
        out.write(packet, at + without, packet.length - at - without);
        return out.toByteArray();
    }
}
