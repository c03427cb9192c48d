package io.tombolo.probe;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.plan.route.SlotReport;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One probe. On the wire, big-endian: 'T' 'P', version 1, flags, u16 interval, u64 incarnation, u32 sequence, i64 sent, i64
 * echo, i32 held; behind these 38 bytes the prefixes of the report, own and unreached: of each list u8 count, and per
 * prefix u8 bytes of its address (4 or 16), u8 length, address; then u64 follows, i64 arrived. A message that ends after 38
 * bytes names no prefixes, one that ends after them follows nothing, and one that ends then does not tell what arrived.
 * Whatever comes behind is there for its size.
 *
 * @param hears whether the sender hears the receiver: a lane is up only where both do (as in BFD, RFC 5880)
 * @param answer whether an answer is wanted at once
 * @param sized whether it is as long as it is to find out whether such packets pass
 * @param intervalMillis how often the sender sends, 1-65535
 * @param report what the sender says of itself
 * @param sequence one more than that of the sender's probe before; of one for its size the same
 * @param sent the sender's clock, nanoseconds of no known origin
 * @param echo {@code sent} of the last probe the sender received; 0 where it received none
 * @param heldMicros how long ago that was, microseconds
 * @param follows sequence of the newest announcement of the receiver that the sender's devices are as it says; 0: none
 * @param arrived {@code sent} of the last probe for its size that the sender received, 0 where none came; empty where it
 *     does not tell, as earlier builds do
 */
record ProbeMessage(
        boolean hears,
        boolean answer,
        boolean sized,
        int intervalMillis,
        SlotReport report,
        int sequence,
        long sent,
        long echo,
        int heldMicros,
        long follows,
        OptionalLong arrived) {
    /** Without prefixes. */
    static final int BYTES = 38;

    /** With as many as there may be, all IPv6. */
    static final int MOST_BYTES = BYTES + 2 + 8 + 8 + 18 * (SlotReport.MOST_OWN + SlotReport.MOST_UNREACHED);

    private static final int VERSION = 1;
    private static final int HEARS = 1;
    private static final int SERVING = 2;
    private static final int ANSWER = 4;
    private static final int SIZED = 8;

    void encode(ByteBuffer into) {
        into.put((byte) 'T').put((byte) 'P').put((byte) VERSION);
        into.put((byte)
                ((hears ? HEARS : 0) | (report.serving() ? SERVING : 0) | (answer ? ANSWER : 0) | (sized ? SIZED : 0)));
        into.putShort((short) intervalMillis).putLong(report.incarnation()).putInt(sequence);
        into.putLong(sent).putLong(echo).putInt(heldMicros);
        encode(report.own(), into);
        encode(report.unreached(), into);
        into.putLong(follows);
        arrived.ifPresent(into::putLong);
    }

    private static void encode(List<Cidr> prefixes, ByteBuffer into) {
        into.put((byte) prefixes.size());
        for (Cidr prefix : prefixes) {
            byte[] address = prefix.network().getAddress();
            into.put((byte) address.length).put((byte) prefix.length()).put(address);
        }
    }

    /** Empty where it is no probe of a version we know; longer ones are read as far as we know them. */
    static Optional<ProbeMessage> decode(ByteBuffer from) {
        if (from.remaining() < BYTES || from.get() != 'T' || from.get() != 'P' || from.get() != VERSION) {
            return Optional.empty();
        }
        try {
            int flags = from.get();
            int interval = Math.max(1, Short.toUnsignedInt(from.getShort()));
            long incarnation = from.getLong();
            int sequence = from.getInt();
            long sent = from.getLong();
            long echo = from.getLong();
            int held = from.getInt();
            List<Cidr> own = from.hasRemaining() ? decode(from, SlotReport.MOST_OWN) : List.of();
            List<Cidr> unreached = from.hasRemaining() ? decode(from, SlotReport.MOST_UNREACHED) : List.of();
            long follows = from.hasRemaining() ? from.getLong() : 0;
            OptionalLong arrived = from.hasRemaining() ? OptionalLong.of(from.getLong()) : OptionalLong.empty();
            SlotReport report = new SlotReport(incarnation, (flags & SERVING) != 0, own, unreached);
            return Optional.of(new ProbeMessage(
                    (flags & HEARS) != 0,
                    (flags & ANSWER) != 0,
                    (flags & SIZED) != 0,
                    interval,
                    report,
                    sequence,
                    sent,
                    echo,
                    held,
                    follows,
                    arrived));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** @throws IllegalArgumentException where it is no list of at most {@code most} prefixes */
    private static List<Cidr> decode(ByteBuffer from, int most) {
        int count = Byte.toUnsignedInt(from.get());
        if (count > most) {
            throw new IllegalArgumentException(count + " prefixes");
        }
        List<Cidr> prefixes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int bytes = from.get();
            int length = Byte.toUnsignedInt(from.get());
            if (bytes != 4 && bytes != 16) {
                throw new IllegalArgumentException("an address of " + bytes + " bytes");
            }
            byte[] address = new byte[bytes];
            from.get(address);
            prefixes.add(new Cidr(Addresses.of(address), length));
        }
        return prefixes;
    }
}
