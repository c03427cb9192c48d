package io.tombolo.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class HelloTest {
    private final Hello hello = new Hello(Identity.generate().sign(Announcements.of("west", 3)), 41);

    @Test
    void isReadFromItsFrame() throws Exception {
        byte[] frame = hello.frame();
        int length = Hello.bodyLength(Arrays.copyOf(frame, Hello.HEADER_BYTES));
        assertEquals(frame.length - Hello.HEADER_BYTES, length);
        assertEquals(hello, Hello.decode(body(frame)));
    }

    @Test
    void theLargestAnnouncementFits() throws Exception {
        Hello largest = new Hello(new SignedAnnouncement(new byte[SignedAnnouncement.MAX_BYTES], new byte[64]), 0);
        byte[] frame = largest.frame();
        assertEquals(frame.length - 4, Hello.bodyLength(Arrays.copyOf(frame, 4)));
        assertEquals(largest, Hello.decode(body(frame)));
    }

    @Test
    void refusesLengthsThatNoHelloHas() {
        for (byte[] header : new byte[][] {
            {},
            {0, 0, 0},
            {0, 0, 0, 0},
            {0, 0, 0, 75},
            {0, 0, 0x20, 0x4c},
            {-1, -1, -1, -1},
            {0x7f, -1, -1, -1},
            new byte[5]
        }) {
            assertThrows(MalformedMessageException.class, () -> Hello.bodyLength(header));
        }
    }

    @Test
    void refusesTruncationTrailingBytesAndOtherVersions() {
        byte[] body = body(hello.frame());
        for (int length = 0; length < body.length; length++) {
            byte[] cut = Arrays.copyOf(body, length);
            assertThrows(MalformedMessageException.class, () -> Hello.decode(cut));
        }
        assertThrows(MalformedMessageException.class, () -> Hello.decode(Arrays.copyOf(body, body.length + 1)));
        body[0] = 2;
        assertThrows(MalformedMessageException.class, () -> Hello.decode(body));
    }

    static byte[] body(byte[] frame) {
        return Arrays.copyOfRange(frame, Hello.HEADER_BYTES, frame.length);
    }
}
