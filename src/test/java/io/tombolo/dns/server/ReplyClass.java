package io.tombolo.dns.server;

/** What kind of reply a query got. */
enum ReplyClass {
    NO_REPLY,
    ANSWER,
    NODATA,
    REFERRAL,
    TRUNCATED,
    FORMERR,
    SERVFAIL,
    NXDOMAIN,
    NOTIMP,
    REFUSED,
    BADVERS,
    OTHER_RCODE;

    static ReplyClass of(byte[] reply) {
        int flags = Wire.u16(reply, 2);
        return switch (flags & 0xf | extendedRcode(reply)) {
            case Wire.NOERROR -> withoutError(reply, flags);
            case Wire.FORMERR -> FORMERR;
            case Wire.SERVFAIL -> SERVFAIL;
            case Wire.NXDOMAIN -> NXDOMAIN;
            case Wire.NOTIMP -> NOTIMP;
            case Wire.REFUSED -> REFUSED;
            case Wire.BADVERS -> BADVERS;
            default -> OTHER_RCODE;
        };
    }

    private static ReplyClass withoutError(byte[] reply, int flags) {
        if (Wire.u16(reply, 6) > 0) {
            return ANSWER;
        }
        if ((flags & Wire.TC) != 0) {
            return TRUNCATED;
        }
        return (flags & Wire.AA) != 0 ? NODATA : REFERRAL;
    }

    /** Of an OPT that stands last, as these servers place it. */
    private static int extendedRcode(byte[] reply) {
        if (Wire.u16(reply, 10) == 0) {
            return 0;
        }
        for (int at = reply.length - 11; at >= Wire.HEADER; at--) {
            boolean opt = reply[at] == 0 && Wire.u16(reply, at + 1) == Wire.OPT;
            if (opt && at + 11 + Wire.u16(reply, at + 9) == reply.length) {
                return Wire.u8(reply, at + 5) << 4;
            }
        }
        return 0;
    }
}
