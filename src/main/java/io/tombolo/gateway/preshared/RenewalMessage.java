package io.tombolo.gateway.preshared;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What two ends say to each other, each in one datagram, as large as any lane passes (1,232 bytes). On the wire: 'T' 'K',
 * version 1, u8 type, 16 bytes that name the exchange, and what the type has behind that. A datagram of another version,
 * type or length is no message.
 */
public sealed interface RenewalMessage {
    /** Of the longest message. */
    int MOST_BYTES = 20 + Kem.PUBLIC_KEY;

    /** Names the exchange, {@link Derived#id}. */
    String id();

    /** The caller's: a public key to encapsulate for. */
    record Offer(String id, byte[] publicKey) implements RenewalMessage {}

    /** The answerer's: what it encapsulated, and the proof that the key it derived is the caller's. */
    record Answer(String id, byte[] ciphertext, byte[] proof) implements RenewalMessage {}

    /** The caller's: it has the key, and the device has or is about to. */
    record Confirm(String id, byte[] proof) implements RenewalMessage {}

    /** The answerer's: it has it, too. */
    record Done(String id) implements RenewalMessage {}

    /** The answerer's: let us agree on a key; what that exchange was about is not known here. */
    record Ask(String id) implements RenewalMessage {
        /** Of no exchange. */
        static final String NONE = "0".repeat(32);
    }

    private int type() {
        return switch (this) {
            case Offer _ -> 1;
            case Answer _ -> 2;
            case Confirm _ -> 3;
            case Done _ -> 4;
            case Ask _ -> 5;
        };
    }

    default byte[] encode() {
        ByteBuffer into = ByteBuffer.allocate(MOST_BYTES);
        into.put((byte) 'T').put((byte) 'K').put((byte) 1).put((byte) type());
        into.put(HexFormat.of().parseHex(id()));
        switch (this) {
            case Offer(var _, byte[] publicKey) -> into.put(publicKey);
            case Answer(var _, byte[] ciphertext, byte[] proof) ->
                into.put(ciphertext).put(proof);
            case Confirm(var _, byte[] proof) -> into.put(proof);
            case Done _, Ask _ -> {}
        }
        byte[] bytes = new byte[into.flip().remaining()];
        into.get(bytes);
        return bytes;
    }

    /** Empty where it is no message. */
    static Optional<RenewalMessage> decode(ByteBuffer from) {
        if (from.remaining() < 20 || from.get() != 'T' || from.get() != 'K' || from.get() != 1) {
            return Optional.empty();
        }
        int type = from.get();
        String id = HexFormat.of().formatHex(bytes(from, 16));
        int length =
                switch (type) {
                    case 1 -> Kem.PUBLIC_KEY;
                    case 2 -> Kem.CIPHERTEXT + Derived.PROOF;
                    case 3 -> Derived.PROOF;
                    default -> 0;
                };
        if (from.remaining() != length) {
            return Optional.empty();
        }
        return switch (type) {
            case 1 -> Optional.of(new Offer(id, bytes(from, Kem.PUBLIC_KEY)));
            case 2 -> Optional.of(new Answer(id, bytes(from, Kem.CIPHERTEXT), bytes(from, Derived.PROOF)));
            case 3 -> Optional.of(new Confirm(id, bytes(from, Derived.PROOF)));
            case 4 -> Optional.of(new Done(id));
            case 5 -> Optional.of(new Ask(id));
            default -> Optional.empty();
        };
    }

    private static byte[] bytes(ByteBuffer from, int count) {
        byte[] bytes = new byte[count];
        from.get(bytes);
        return bytes;
    }
}
