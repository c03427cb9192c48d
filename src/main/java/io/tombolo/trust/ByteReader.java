package io.tombolo.trust;

import java.nio.ByteBuffer;

/** Reads big-endian numbers and never past the end. */
final class ByteReader {
    private final ByteBuffer bytes;

    ByteReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    int u8(String what) throws MalformedMessageException {
        return need(1, what).get() & 0xff;
    }

    int u16(String what) throws MalformedMessageException {
        return need(2, what).getShort() & 0xffff;
    }

    /** All 32 bits: what is 2^31 or more comes out negative. */
    int u32(String what) throws MalformedMessageException {
        return need(4, what).getInt();
    }

    /** @throws MalformedMessageException also where the number is out of range {@code min}-{@link Integer#MAX_VALUE} */
    int u31(int min, String what) throws MalformedMessageException {
        int value = need(4, what).getInt();
        if (value < min) {
            throw new MalformedMessageException(what + " is out of range: " + Integer.toUnsignedString(value));
        }
        return value;
    }

    /** @throws MalformedMessageException also where the number is out of range {@code min}-{@link Long#MAX_VALUE} */
    long u63(long min, String what) throws MalformedMessageException {
        long value = need(8, what).getLong();
        if (value < min) {
            throw new MalformedMessageException(what + " is out of range: " + Long.toUnsignedString(value));
        }
        return value;
    }

    byte[] take(int length, String what) throws MalformedMessageException {
        byte[] taken = new byte[length];
        need(length, what).get(taken);
        return taken;
    }

    void end() throws MalformedMessageException {
        if (bytes.hasRemaining()) {
            throw new MalformedMessageException(bytes.remaining() + " bytes follow the end");
        }
    }

    private ByteBuffer need(int length, String what) throws MalformedMessageException {
        if (bytes.remaining() < length) {
            throw new MalformedMessageException("cut short in " + what);
        }
        return bytes;
    }
}
