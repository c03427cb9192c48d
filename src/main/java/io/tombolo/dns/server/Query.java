package io.tombolo.dns.server;

import static io.tombolo.dns.server.Wire.u16;
import static io.tombolo.dns.server.Wire.u8;

import io.tombolo.dns.zone.Name;

/**
 * The one query being read: bounded, reused, allocates nothing. Compression is refused in the question, where nothing
 * stands that a pointer could point back to; elsewhere names are skipped, never followed.
 */
final class Query {
    /** What reading a message came to. */
    enum Verdict {
        /** Not worth an answer: too short, or an answer itself (two servers would talk forever). */
        DROP,
        MALFORMED,
        NOT_IMPLEMENTED,
        READABLE
    }

    private static final int MAX_LABELS = Name.MAX_LENGTH / 2;

    private final byte[] lower = new byte[Name.MAX_LENGTH];
    private final int[] labelAt = new int[MAX_LABELS];
    private int labels;
    private int nameLength;
    private int type;
    private int dnsClass;
    private boolean edns;
    private int ednsVersion;
    private int ednsFlags;
    private int udpSize;

    /** Reads the first {@code length} bytes of {@code in}. */
    Verdict read(byte[] in, int length) {
        edns = false;
        if (length < Wire.HEADER || (u16(in, 2) & Wire.QR) != 0) {
            return Verdict.DROP;
        }
        if ((u16(in, 2) & Wire.OPCODE) != 0) {
            return Verdict.NOT_IMPLEMENTED;
        }
        if (u16(in, 4) != 1) {
            return Verdict.MALFORMED;
        }
        int at = question(in, length);
        int answers = u16(in, 6);
        int authorities = u16(in, 8);
        int additionals = u16(in, 10);
        for (int i = 0; at >= 0 && i < answers + authorities; i++) {
            at = record(in, at, length, false);
        }
        for (int i = 0; at >= 0 && i < additionals; i++) {
            at = record(in, at, length, true);
        }
        return at == length ? Verdict.READABLE : Verdict.MALFORMED;
    }

    /** @return where the question ends; -1 where it is malformed */
    private int question(byte[] in, int length) {
        int at = Wire.HEADER;
        labels = 0;
        while (true) {
            if (at >= length) {
                return -1;
            }
            int label = u8(in, at);
            int end = at - Wire.HEADER + label + 1;
            if (label > Name.MAX_LABEL || at + label >= length || end > Name.MAX_LENGTH - (label == 0 ? 0 : 1)) {
                return -1;
            }
            lower[at - Wire.HEADER] = (byte) label;
            if (label == 0) {
                nameLength = end;
                at++;
                break;
            }
            labelAt[labels++] = at - Wire.HEADER;
            for (int i = at + 1; i <= at + label; i++) {
                byte b = in[i];
                lower[i - Wire.HEADER] = b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
            }
            at += label + 1;
        }
        if (at + 4 > length) {
            return -1;
        }
        type = u16(in, at);
        dnsClass = u16(in, at + 2);
        return at + 4;
    }

    /** @return where the record ends; -1 where it is malformed */
    private int record(byte[] in, int at, int length, boolean additional) {
        int fixed = skipName(in, at, length);
        if (fixed < 0 || fixed + 10 > length) {
            return -1;
        }
        int end = fixed + 10 + u16(in, fixed + 8);
        if (end > length) {
            return -1;
        }
        if (u16(in, fixed) == Wire.OPT) {
            boolean rootOwned = fixed == at + 1;
            if (!additional || edns || !rootOwned || !optionsFit(in, fixed + 10, end)) {
                return -1;
            }
            edns = true;
            udpSize = u16(in, fixed + 2);
            ednsVersion = u8(in, fixed + 5);
            ednsFlags = u16(in, fixed + 6);
        }
        return end;
    }

    /** Options are ignored, so only their lengths matter (RFC 6891 section 6.1.2). */
    private static boolean optionsFit(byte[] in, int at, int end) {
        while (at + 4 <= end) {
            at += 4 + u16(in, at + 2);
        }
        return at == end;
    }

    private static int skipName(byte[] in, int from, int length) {
        for (int at = from; at < length && at - from < Name.MAX_LENGTH; ) {
            int label = u8(in, at);
            if (label == 0) {
                return at + 1;
            }
            if (label >= 0xc0) {
                boolean backwards = at + 1 < length && (u16(in, at) & 0x3fff) < from;
                return backwards ? at + 2 : -1;
            }
            if (label > Name.MAX_LABEL) {
                return -1;
            }
            at += label + 1;
        }
        return -1;
    }

    int type() {
        return type;
    }

    int dnsClass() {
        return dnsClass;
    }

    /** Length of the question: name, type, class. */
    int questionLength() {
        return nameLength + 4;
    }

    /** How many labels, the root not counted. */
    int labels() {
        return labels;
    }

    /** Where label {@code index} (0 is the leftmost) stands in {@link #lower()}: its length, then its bytes. */
    int labelAt(int index) {
        return labelAt[index];
    }

    /** The name in wire form and lower case. */
    byte[] lower() {
        return lower;
    }

    /** Whether the name is {@code zone} or below it. */
    boolean isIn(Name zone, int zoneLabels) {
        if (labels < zoneLabels) {
            return false;
        }
        int from = zoneLabels == 0 ? nameLength - 1 : labelAt[labels - zoneLabels];
        return zone.equals(lower, from, nameLength - from);
    }

    boolean edns() {
        return edns;
    }

    int ednsVersion() {
        return ednsVersion;
    }

    boolean dnssecOk() {
        return (ednsFlags & Wire.DO) != 0;
    }

    /** What the client takes over UDP, 512-1232 bytes: never more than we ever send. */
    int udpLimit() {
        return edns ? Math.clamp(udpSize, Wire.PLAIN_UDP, Wire.MAX_UDP) : Wire.PLAIN_UDP;
    }
}
