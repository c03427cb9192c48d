package io.tombolo.gateway.probe;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One probe. On the wire 38 bytes, big-endian: 'T' 'P', version 1, flags, u16 interval, u64 incarnation, u32 sequence,
 * i64 sent, i64 echo, i32 held.
 *
 * @param hears whether the sender hears the receiver: a lane is up only where both do (as in BFD, RFC 5880)
 * @param serving false while the sender drains
 * @param answer whether an answer is wanted at once
 * @param intervalMillis how often the sender sends, 1-65535
 * @param incarnation of the sending process
 * @param sent the sender's clock, nanoseconds of no known origin
 * @param echo {@code sent} of the last probe the sender received; 0 where it received none
 * @param heldMicros how long ago that was, microseconds
 */
record ProbeMessage(
        boolean hears,
        boolean serving,
        boolean answer,
        int intervalMillis,
        long incarnation,
        int sequence,
        long sent,
        long echo,
        int heldMicros) {
    static final int BYTES = 38;

    private static final int VERSION = 1;
    private static final int HEARS = 1;
    private static final int SERVING = 2;
    private static final int ANSWER = 4;

    void encode(ByteBuffer into) {
        into.put((byte) 'T').put((byte) 'P').put((byte) VERSION);
        into.put((byte) ((hears ? HEARS : 0) | (serving ? SERVING : 0) | (answer ? ANSWER : 0)));
        into.putShort((short) intervalMillis).putLong(incarnation).putInt(sequence);
        into.putLong(sent).putLong(echo).putInt(heldMicros);
    }

    /** Empty where it is no probe of a version we know; longer ones are read as far as we know them. */
    static Optional<ProbeMessage> decode(ByteBuffer from) {
        if (from.remaining() < BYTES || from.get() != 'T' || from.get() != 'P' || from.get() != VERSION) {
            return Optional.empty();
        }
        int flags = from.get();
        return Optional.of(new ProbeMessage(
                (flags & HEARS) != 0,
                (flags & SERVING) != 0,
                (flags & ANSWER) != 0,
                Math.max(1, Short.toUnsignedInt(from.getShort())),
                from.getLong(),
                from.getInt(),
                from.getLong(),
                from.getLong(),
                from.getInt()));
    }
}
