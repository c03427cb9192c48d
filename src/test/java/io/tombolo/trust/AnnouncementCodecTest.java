package io.tombolo.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnnouncementCodecTest {
    /** Offsets in the bytes of {@code Announcements.of("east", 7)}. */
    private static final int FORMAT = 0;

    private static final int SEQUENCE = 6;
    private static final int PROTOCOL_MIN = 14;
    private static final int SLOT_COUNT = 18;
    private static final int SLOT = 19;
    private static final int GENERATION = 52;
    private static final int ENDPOINT_COUNT = 56;
    private static final int ENDPOINT_FAMILY = 57;
    private static final int ENDPOINT_PORT = 62;
    private static final int ENDPOINT6_ADDRESS = 65;
    private static final int PREFIX_COUNT = 83;
    private static final int PREFIX_FAMILY = 84;
    private static final int PREFIX_LENGTH = 85;

    private final byte[] east = AnnouncementCodec.encode(Announcements.of("east", 7));

    @Test
    void refusesEveryTruncation() {
        for (int length = 0; length < east.length; length++) {
            byte[] cut = Arrays.copyOf(east, length);
            assertThrows(MalformedMessageException.class, () -> AnnouncementCodec.decode(cut));
        }
    }

    @Test
    void refusesTrailingBytes() {
        assertRefused(Arrays.copyOf(east, east.length + 1), "1 bytes follow the end");
    }

    @Test
    void refusesAnUnknownFormat() {
        assertRefused(with(FORMAT, 2), "format 2; this version reads format 1");
    }

    @Test
    void refusesSequencesBelowOne() {
        assertRefused(with(SEQUENCE + 7, 0), "sequence is out of range: 0");
        assertRefused(with(SEQUENCE, 0x80), "sequence is out of range: 9223372036854775815");
    }

    @Test
    void refusesAProtocolRangeThatIsEmptyOrBeginsAtZero() {
        assertRefused(with(PROTOCOL_MIN + 1, 0), "protocol range 0-1");
        assertRefused(with(PROTOCOL_MIN + 1, 2), "protocol range 2-1");
    }

    @Test
    void refusesMoreThanEightSlots() {
        assertRefused(with(SLOT_COUNT, 9), "9 slots, and 8 are the most");
    }

    @Test
    void refusesASlotOutOfRange() {
        assertRefused(with(SLOT, 8), "slot 8 after -1");
    }

    @Test
    void refusesASlotTwice() {
        byte[] twice = new byte[east.length + PREFIX_COUNT - SLOT];
        System.arraycopy(east, 0, twice, 0, PREFIX_COUNT);
        System.arraycopy(east, SLOT, twice, PREFIX_COUNT, east.length - SLOT);
        twice[SLOT_COUNT] = 2;
        assertRefused(twice, "slot 0 after 0");
    }

    @Test
    void refusesAGenerationBelowOne() {
        assertRefused(with(GENERATION + 3, 0), "generation is out of range: 0");
    }

    @Test
    void refusesANextKeyThatIsCutShortOrTheLaneKeyAgain() {
        Announcement good = Announcements.of("east", 7);
        Announcement.Slot slot = good.slots().getFirst();
        Announcement same = new Announcement(
                good.clusterId(),
                7,
                1,
                1,
                List.of(new Announcement.Slot(0, slot.laneKey(), 1, Optional.of(slot.laneKey()), slot.endpoints())),
                good.prefixes());
        assertThrows(IllegalArgumentException.class, () -> AnnouncementCodec.encode(same));
        byte[] cut = Arrays.copyOf(with(GENERATION, 0x80), ENDPOINT_COUNT + 31);
        assertRefused(cut, "cut short in next key");
    }

    @Test
    void refusesMoreThanTwoEndpoints() {
        assertRefused(with(ENDPOINT_COUNT, 3), "3 endpoints, and 2 are the most");
    }

    @Test
    void refusesAFamilyThatIsNone() {
        assertRefused(with(ENDPOINT_FAMILY, 5), "address family 5");
        assertRefused(with(PREFIX_FAMILY, 0), "address family 0");
    }

    @Test
    void refusesPortsWhoseLanesWouldNotExist() {
        byte[] zero = with(ENDPOINT_PORT, 0);
        zero[ENDPOINT_PORT + 1] = 0;
        assertRefused(zero, "port 0 is out of range 1-65526");
        byte[] high = with(ENDPOINT_PORT, 0xff);
        high[ENDPOINT_PORT + 1] = (byte) 0xf7;
        assertRefused(high, "port 65527 is out of range 1-65526");
    }

    @Test
    void refusesAnIpv4MappedAddress() {
        byte[] mapped = east.clone();
        Arrays.fill(mapped, ENDPOINT6_ADDRESS, ENDPOINT6_ADDRESS + 10, (byte) 0);
        Arrays.fill(mapped, ENDPOINT6_ADDRESS + 10, ENDPOINT6_ADDRESS + 12, (byte) 0xff);
        assertRefused(mapped, "an IPv4-mapped IPv6 address");
    }

    @Test
    void refusesMoreThanSixtyFourPrefixes() {
        assertRefused(with(PREFIX_COUNT, 65), "65 prefixes, and 64 are the most");
    }

    @Test
    void refusesPrefixesOutOfRangeOrWithHostBits() {
        assertRefused(with(PREFIX_LENGTH, 33), "33 bits of prefix, and 32 are the most");
        assertRefused(with(PREFIX_LENGTH, 13), "10.52.0.0/13 has host bits set; write 10.48.0.0/13");
    }

    @Test
    void refusesAClusterIdThatIsNoDnsLabel() {
        assertRefused(with(2, 'E'), "the cluster ID is not a DNS label");
        assertRefused(with(2, 0xe9), "the cluster ID is not a DNS label");
        assertRefused(with(1, 0), "the cluster ID is not a DNS label");
    }

    @Test
    void refusesMoreBytesThanAnAnnouncementMayHaveBeforeReadingThem() {
        assertRefused(new byte[SignedAnnouncement.MAX_BYTES + 1], "8193 bytes are more than 8192");
    }

    @Test
    void neverEncodesWhatAPeerWouldRefuse() {
        Announcement good = Announcements.of("east", 7);
        List<Cidr> prefixes = IntStream.range(0, 65)
                .mapToObj(i -> Cidr.parse("10.52." + i + ".0/24"))
                .sorted()
                .toList();
        List<Announcement> refused = List.of(
                new Announcement(good.clusterId(), 0, 1, 1, good.slots(), good.prefixes()),
                new Announcement(good.clusterId(), 1, 0, 1, good.slots(), good.prefixes()),
                new Announcement(good.clusterId(), 1, 1, 65536, good.slots(), good.prefixes()),
                new Announcement(good.clusterId(), 1, 1, 1, good.slots(), prefixes),
                new Announcement(
                        good.clusterId(), 1, 1, 1, good.slots(), good.prefixes().reversed()),
                new Announcement(
                        good.clusterId(),
                        1,
                        1,
                        1,
                        List.of(good.slots().getFirst(), good.slots().getFirst()),
                        List.of()));
        for (Announcement announcement : refused) {
            assertThrows(IllegalArgumentException.class, () -> AnnouncementCodec.encode(announcement));
        }
    }

    @Test
    void theLongestClusterIdFits() throws Exception {
        Announcement good = Announcements.of("east", 7);
        Announcement longest = new Announcement(new ClusterId("x".repeat(63)), 1, 1, 1, good.slots(), List.of());
        assertEquals(longest, AnnouncementCodec.decode(AnnouncementCodec.encode(longest)));
    }

    @Test
    void theBytesAreThoseOfTheDocumentedLayout() {
        assertEquals("east", new String(east, 2, 4, StandardCharsets.US_ASCII));
        assertEquals(1, east[SLOT_COUNT]);
        assertEquals(2, east[ENDPOINT_COUNT]);
        assertEquals(2, east[PREFIX_COUNT]);
        assertEquals(16, east[PREFIX_LENGTH]);
        assertEquals(96, east.length);
    }

    private byte[] with(int offset, int value) {
        byte[] changed = east.clone();
        changed[offset] = (byte) value;
        return changed;
    }

    private static void assertRefused(byte[] bytes, String reason) {
        assertEquals(
                reason,
                assertThrows(MalformedMessageException.class, () -> AnnouncementCodec.decode(bytes))
                        .reason());
    }
}
