package io.tombolo.trust;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PublicKey;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of an announcement. One announcement has exactly one encoding, and the decoder refuses every other one.
 * Numbers are big-endian:
 *
 * <pre>
 * u8 format = 1
 * u8 length, cluster ID (ASCII)
 * u64 sequence
 * u16 protocolMin, u16 protocolMax
 * u8 slots, ascending: u8 slot, 32 bytes lane key, u32 generation (its highest bit: there is a next key),
 *                      32 bytes next key where there is one,
 *                      u8 endpoints: u8 family (4 or 6), 4 or 16 bytes address, u16 port
 * u8 prefixes, ascending: u8 family, u8 length, the ceil(length / 8) bytes of the network that count
 * </pre>
 */
public final class AnnouncementCodec {
    /** The layout above. A build that reads another one as well says so by its protocol range. */
    static final int FORMAT = 1;

    public static final int MAX_SLOTS = 8;
    public static final int MAX_ENDPOINTS = 2;
    public static final int MAX_PREFIXES = 64;
    /** Lanes listen on the 8 ports behind the door's, and all of them must exist. */
    public static final int MAX_PORT = 65526;

    /** Generations are 31 bits. */
    private static final int HAS_NEXT = 1 << 31;

    private AnnouncementCodec() {}

    /** @throws IllegalArgumentException where {@code announcement} breaks a bound, or is not in the order that the record demands */
    public static byte[] encode(Announcement announcement) {
        byte[] bytes = write(announcement);
        try {
            // what the peer's decoder would refuse must not be signed
            decode(bytes);
        } catch (MalformedMessageException e) {
            throw new IllegalArgumentException("this announcement would be refused: " + e.reason(), e);
        }
        return bytes;
    }

    private static byte[] write(Announcement announcement) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            byte[] id = announcement.clusterId().value().getBytes(StandardCharsets.US_ASCII);
            out.writeByte(id.length);
            out.write(id);
            out.writeLong(announcement.sequence());
            writeU16(out, announcement.protocolMin(), "protocolMin");
            writeU16(out, announcement.protocolMax(), "protocolMax");
            out.writeByte(count(announcement.slots(), MAX_SLOTS, "slots"));
            for (Announcement.Slot slot : announcement.slots()) {
                writeSlot(out, slot);
            }
            out.writeByte(count(announcement.prefixes(), MAX_PREFIXES, "prefixes"));
            for (Cidr prefix : announcement.prefixes()) {
                out.writeByte(prefix.isIpv4() ? 4 : 6);
                out.writeByte(prefix.length());
                out.write(prefix.network().getAddress(), 0, (prefix.length() + 7) / 8);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void writeSlot(DataOutputStream out, Announcement.Slot slot) throws IOException {
        if (slot.slot() < 0 || slot.slot() >= MAX_SLOTS) {
            throw new IllegalArgumentException("slot " + slot.slot() + " is out of range 0-7");
        }
        out.writeByte(slot.slot());
        out.write(slot.laneKey().bytes());
        out.writeInt(slot.generation() | (slot.nextKey().isPresent() ? HAS_NEXT : 0));
        if (slot.nextKey().isPresent()) {
            out.write(slot.nextKey().get().bytes());
        }
        out.writeByte(count(slot.endpoints(), MAX_ENDPOINTS, "endpoints"));
        for (Endpoint endpoint : slot.endpoints()) {
            out.writeByte(endpoint.address() instanceof Inet4Address ? 4 : 6);
            out.write(endpoint.address().getAddress());
            out.writeShort(endpoint.port());
        }
    }

    private static void writeU16(DataOutputStream out, int value, String what) throws IOException {
        if (value < 0 || value > 0xffff) {
            throw new IllegalArgumentException(what + " " + value + " is out of range 0-65535");
        }
        out.writeShort(value);
    }

    private static int count(List<?> list, int max, String what) {
        if (list.size() > max) {
            throw new IllegalArgumentException(list.size() + " " + what + ", and " + max + " are the most");
        }
        return list.size();
    }

    /** @throws MalformedMessageException where {@code bytes} is not the one encoding of an announcement within all bounds */
    public static Announcement decode(byte[] bytes) throws MalformedMessageException {
        if (bytes.length > SignedAnnouncement.MAX_BYTES) {
            throw new MalformedMessageException(bytes.length + " bytes are more than " + SignedAnnouncement.MAX_BYTES);
        }
        ByteReader in = new ByteReader(bytes);
        int format = in.u8("format");
        if (format != FORMAT) {
            throw new MalformedMessageException("format " + format + "; this version reads format " + FORMAT);
        }
        ClusterId clusterId = clusterId(in);
        long sequence = in.u63(1, "sequence");
        int protocolMin = in.u16("protocolMin");
        int protocolMax = in.u16("protocolMax");
        if (protocolMin < 1 || protocolMin > protocolMax) {
            throw new MalformedMessageException("protocol range " + protocolMin + "-" + protocolMax);
        }
        List<Announcement.Slot> slots = slots(in);
        List<Cidr> prefixes = prefixes(in);
        in.end();
        return new Announcement(clusterId, sequence, protocolMin, protocolMax, slots, prefixes);
    }

    private static ClusterId clusterId(ByteReader in) throws MalformedMessageException {
        byte[] id = in.take(in.u8("clusterId"), "clusterId");
        try {
            // ISO 8859-1 maps every byte to a character of its own, so that no two byte strings pass as one ID
            return new ClusterId(new String(id, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("the cluster ID is not a DNS label");
        }
    }

    private static List<Announcement.Slot> slots(ByteReader in) throws MalformedMessageException {
        int count = bounded(in.u8("slots"), MAX_SLOTS, "slots");
        List<Announcement.Slot> slots = new ArrayList<>(count);
        int previous = -1;
        for (int i = 0; i < count; i++) {
            int slot = in.u8("slot");
            if (slot <= previous || slot >= MAX_SLOTS) {
                throw new MalformedMessageException("slot " + slot + " after " + previous);
            }
            previous = slot;
            PublicKey laneKey = PublicKey.of(in.take(32, "lane key"));
            int word = in.u32("generation");
            int generation = word & ~HAS_NEXT;
            if (generation < 1) {
                throw new MalformedMessageException("generation is out of range: " + generation);
            }
            Optional<PublicKey> nextKey =
                    word < 0 ? Optional.of(PublicKey.of(in.take(32, "next key"))) : Optional.empty();
            if (nextKey.equals(Optional.of(laneKey))) {
                throw new MalformedMessageException("the next key of slot " + slot + " is its lane key");
            }
            slots.add(new Announcement.Slot(slot, laneKey, generation, nextKey, endpoints(in)));
        }
        return slots;
    }

    private static List<Endpoint> endpoints(ByteReader in) throws MalformedMessageException {
        int count = bounded(in.u8("endpoints"), MAX_ENDPOINTS, "endpoints");
        List<Endpoint> endpoints = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int bits = bits(in);
            InetAddress address = address(in.take(bits / 8, "address"));
            int port = in.u16("port");
            if (port < 1 || port > MAX_PORT) {
                throw new MalformedMessageException("port " + port + " is out of range 1-" + MAX_PORT);
            }
            Endpoint endpoint = new Endpoint(address, port);
            if (endpoints.contains(endpoint)) {
                throw new MalformedMessageException("endpoint " + endpoint + " twice");
            }
            endpoints.add(endpoint);
        }
        return endpoints;
    }

    private static List<Cidr> prefixes(ByteReader in) throws MalformedMessageException {
        int count = bounded(in.u8("prefixes"), MAX_PREFIXES, "prefixes");
        List<Cidr> prefixes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int bits = bits(in);
            int length = bounded(in.u8("prefix length"), bits, "bits of prefix");
            byte[] network = new byte[bits / 8];
            byte[] counting = in.take((length + 7) / 8, "prefix");
            System.arraycopy(counting, 0, network, 0, counting.length);
            Cidr prefix;
            try {
                prefix = new Cidr(address(network), length);
            } catch (IllegalArgumentException e) {
                throw new MalformedMessageException(e);
            }
            if (i > 0 && prefix.compareTo(prefixes.getLast()) <= 0) {
                throw new MalformedMessageException("prefix " + prefix + " after " + prefixes.getLast());
            }
            prefixes.add(prefix);
        }
        return prefixes;
    }

    private static int bits(ByteReader in) throws MalformedMessageException {
        int family = in.u8("family");
        return switch (family) {
            case 4 -> 32;
            case 6 -> 128;
            default -> throw new MalformedMessageException("address family " + family);
        };
    }

    private static InetAddress address(byte[] bytes) throws MalformedMessageException {
        InetAddress address = Addresses.of(bytes);
        if (address.getAddress().length != bytes.length) {
            // the JDK turns ::ffff:a.b.c.d into a.b.c.d: two spellings of one address
            throw new MalformedMessageException("an IPv4-mapped IPv6 address");
        }
        return address;
    }

    private static int bounded(int count, int max, String what) throws MalformedMessageException {
        if (count > max) {
            throw new MalformedMessageException(count + " " + what + ", and " + max + " are the most");
        }
        return count;
    }
}
