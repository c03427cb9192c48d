package io.tombolo.dns.server;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** Where we answer otherwise than Knot and NSD do, and why. Whatever is not here is a mistake of ours. */
enum Deviation {
    /** They are silent where a message cannot be read; a client behind a broken middlebox learns more from 12 bytes. */
    FORMERR_INSTEAD_OF_SILENCE {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return ours == ReplyClass.FORMERR && knot == ReplyClass.NO_REPLY && nsd == ReplyClass.NO_REPLY;
        }
    },
    /** They know NOTIFY and UPDATE, and are silent to some of the others; to us QUERY is all there is (RFC 1035 4.1.1). */
    ONLY_QUERY {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return ours == ReplyClass.NOTIMP && (Wire.u16(query, 2) & Wire.OPCODE) != 0;
        }
    },
    /** They say NOTIMP or NOTAUTH to AXFR and IXFR over UDP; nobody transfers this zone, so it is REFUSED for good. */
    NO_TRANSFER {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return ours == ReplyClass.REFUSED && (type(query) == Wire.AXFR || type(query) == Wire.IXFR);
        }
    },
    /** To Knot type 0 is a meta type; to us, and to NSD where it does not mind the flags, one that no name has. */
    TYPE_0_IS_A_TYPE {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return EnumSet.of(ReplyClass.NODATA, ReplyClass.NXDOMAIN, ReplyClass.REFUSED)
                            .contains(ours)
                    && knot == ReplyClass.NOTIMP
                    && type(query) == 0;
        }
    },
    /** Knot takes an OPT record of any owner, NSD is silent; RFC 6891 section 6.1.2 wants the root. */
    OPT_OF_THE_ROOT {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return ours == ReplyClass.FORMERR && nsd == ReplyClass.NO_REPLY && hasOptOfAName(query);
        }
    },
    /** Knot finds a UDP size of 1 malformed, and NSD may mind the flags; sizes below 512 are 512 (RFC 6891 section 6.2.3). */
    ANY_UDP_SIZE {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return knot == ReplyClass.FORMERR
                    && EnumSet.of(ReplyClass.FORMERR, ReplyClass.NO_REPLY).contains(nsd)
                    && ours != ReplyClass.NO_REPLY
                    && Wire.u16(query, 10) > 0
                    && !hasRecordBesidesOpt(query)
                    && Wire.u16(query, questionEnd(query) + 3) == 1;
        }
    },
    /** They answer class ANY as if it were IN; the zone has one class, and other ones are REFUSED. */
    ONLY_CLASS_IN {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return ours == ReplyClass.REFUSED && Wire.u16(query, questionEnd(query) - 2) != Wire.IN;
        }
    },
    /** Knot reads the rdata of records nobody asked it to, NSD takes none but OPT; we step over them. */
    RECORDS_OF_NO_USE {
        @Override
        boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
            return EnumSet.of(ReplyClass.FORMERR, ReplyClass.NO_REPLY).contains(nsd)
                    && EnumSet.of(ReplyClass.FORMERR, ReplyClass.NOTIMP).contains(knot)
                    && !EnumSet.of(ReplyClass.FORMERR, ReplyClass.NO_REPLY).contains(ours)
                    && hasRecordBesidesOpt(query);
        }
    };

    abstract boolean explains(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd);

    /** What explains that ours is neither Knot's nor NSD's. */
    static Optional<Deviation> of(byte[] query, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
        return List.of(values()).stream()
                .filter(deviation -> deviation.explains(query, ours, knot, nsd))
                .findFirst();
    }

    private static int type(byte[] query) {
        return Wire.u16(query, questionEnd(query) - 4);
    }

    private static int questionEnd(byte[] query) {
        return nameEnd(query, Wire.HEADER) + 4;
    }

    private static int nameEnd(byte[] query, int from) {
        int at = from;
        while (at < query.length && query[at] != 0) {
            if (Wire.u8(query, at) >= 0xc0) {
                return at + 2;
            }
            at += Wire.u8(query, at) + 1;
        }
        return at + 1;
    }

    private static boolean hasRecordBesidesOpt(byte[] query) {
        int records = Wire.u16(query, 6) + Wire.u16(query, 8) + Wire.u16(query, 10);
        int first = questionEnd(query);
        return records > 1 || (records == 1 && (query[first] != 0 || Wire.u16(query, first + 1) != Wire.OPT));
    }

    private static boolean hasOptOfAName(byte[] query) {
        int at = questionEnd(query);
        for (int end = nameEnd(query, at); end + 10 <= query.length; end = nameEnd(query, at)) {
            if (Wire.u16(query, end) == Wire.OPT && end > at + 1) {
                return true;
            }
            at = end + 10 + Wire.u16(query, end + 8);
        }
        return false;
    }
}
