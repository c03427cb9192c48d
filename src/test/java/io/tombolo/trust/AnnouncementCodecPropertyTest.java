package io.tombolo.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class AnnouncementCodecPropertyTest {
    @Property
    void readsWhatItWrote(@ForAll("announcements") Announcement announcement) throws Exception {
        assertEquals(announcement, AnnouncementCodec.decode(AnnouncementCodec.encode(announcement)));
    }

    @Property
    void staysFarBelowTheBoundOfASignedAnnouncement(@ForAll("announcements") Announcement announcement) {
        assertTrue(AnnouncementCodec.encode(announcement).length < SignedAnnouncement.MAX_BYTES / 2);
    }

    @Property(tries = 20_000)
    void refusesRandomBytesWithItsOneException(@ForAll @Size(max = 200) byte[] bytes) {
        assertOneSpelling(bytes);
    }

    @Property(tries = 20_000)
    void whatItReadsAfterDamageIsStillTheOneEncodingOfIt(
            @ForAll("announcements") Announcement announcement, @ForAll long seed) {
        byte[] bytes = AnnouncementCodec.encode(announcement);
        Random random = new Random(seed);
        for (int damage = random.nextInt(4); damage >= 0; damage--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        assertOneSpelling(bytes);
        assertOneSpelling(Arrays.copyOf(bytes, random.nextInt(2 * bytes.length)));
    }

    /** Whatever can be read encodes to the same bytes: no announcement has two spellings. */
    private static void assertOneSpelling(byte[] bytes) {
        Announcement read;
        try {
            read = AnnouncementCodec.decode(bytes);
        } catch (MalformedMessageException expected) {
            return;
        }
        assertArrayEquals(bytes, AnnouncementCodec.encode(read));
    }

    @Provide
    Arbitrary<Announcement> announcements() {
        return Announcements.any();
    }
}
