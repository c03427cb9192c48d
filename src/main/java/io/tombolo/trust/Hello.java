package io.tombolo.trust;

import java.nio.ByteBuffer;

/**
 * What the two gateways of a first contact say through the door, each once: here is my announcement, and this is the
 * last one of yours that I hold. On the wire a frame: u32 length of the rest, u8 version = 1, u64 last sequence, u16
 * length and bytes of the announcement, 64 bytes signature; numbers are big-endian. To read one from a stream:
 * {@code decode(in.readNBytes(bodyLength(in.readNBytes(HEADER_BYTES))))}; the caller limits the time.
 *
 * @param announcement of the speaker; not verified yet, see {@link AnnouncementGate}
 * @param lastSequence of the listener's announcement that the speaker accepted last; 0 where it holds none
 */
public record Hello(SignedAnnouncement announcement, long lastSequence) {
    /** Bytes of a frame ahead of its body. */
    public static final int HEADER_BYTES = 4;

    private static final int VERSION = 1;
    private static final int SIGNATURE_BYTES = 64;
    private static final int FIXED_BYTES = 1 + 8 + 2 + SIGNATURE_BYTES;

    /** @throws IllegalArgumentException where {@code lastSequence} is negative */
    public Hello {
        if (lastSequence < 0) {
            throw new IllegalArgumentException("a sequence is not negative: " + lastSequence);
        }
    }

    /** The frame: header and body. */
    public byte[] frame() {
        byte[] bytes = announcement.bytes();
        int body = FIXED_BYTES + bytes.length;
        return ByteBuffer.allocate(HEADER_BYTES + body)
                .putInt(body)
                .put((byte) VERSION)
                .putLong(lastSequence)
                .putShort((short) bytes.length)
                .put(bytes)
                .put(announcement.signature())
                .array();
    }

    /** @throws MalformedMessageException where the header is cut short, or promises more or less than a hello can have */
    public static int bodyLength(byte[] header) throws MalformedMessageException {
        ByteReader in = new ByteReader(header);
        int length = in.u31(FIXED_BYTES + 1, "length");
        in.end();
        if (length > FIXED_BYTES + SignedAnnouncement.MAX_BYTES) {
            throw new MalformedMessageException("a hello of " + length + " bytes");
        }
        return length;
    }

    /** @throws MalformedMessageException where {@code body} is no hello, or anything follows it */
    public static Hello decode(byte[] body) throws MalformedMessageException {
        ByteReader in = new ByteReader(body);
        int version = in.u8("version");
        if (version != VERSION) {
            throw new MalformedMessageException("hello version " + version + "; this version reads " + VERSION);
        }
        long lastSequence = in.u63(0, "last sequence");
        byte[] bytes = in.take(in.u16("announcement"), "announcement");
        byte[] signature = in.take(SIGNATURE_BYTES, "signature");
        in.end();
        try {
            return new Hello(new SignedAnnouncement(bytes, signature), lastSequence);
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(e);
        }
    }
}
