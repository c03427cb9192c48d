package io.tombolo.dns.server;

/** Numbers of the DNS protocol, as the IANA registry "Domain Name System (DNS) Parameters" has them. */
final class Wire {
    static final int HEADER = 12;

    static final int A = 1;
    static final int NS = 2;
    static final int SOA = 6;
    static final int TXT = 16;
    static final int AAAA = 28;
    static final int SRV = 33;
    static final int OPT = 41;
    static final int IXFR = 251;
    static final int AXFR = 252;
    static final int ANY = 255;

    static final int IN = 1;

    static final int NOERROR = 0;
    static final int FORMERR = 1;
    static final int SERVFAIL = 2;
    static final int NXDOMAIN = 3;
    static final int NOTIMP = 4;
    static final int REFUSED = 5;
    /** Extended: the upper bits travel in the OPT record (RFC 6891 section 6.1.3). */
    static final int BADVERS = 16;

    static final int QR = 0x8000;
    static final int AA = 0x0400;
    static final int TC = 0x0200;
    static final int RD = 0x0100;
    static final int CD = 0x0010;
    static final int OPCODE = 0x7800;

    /** DNSSEC OK, in the flags of an OPT record; copied into the reply (RFC 3225). */
    static final int DO = 0x8000;

    /** What every resolver takes over UDP without EDNS (RFC 1035 section 2.3.4). */
    static final int PLAIN_UDP = 512;

    /** What we advertise and never exceed over UDP: survives every ordinary path unfragmented (DNS flag day 2020). */
    static final int MAX_UDP = 1232;

    static final int MAX_TCP = 65535;

    private Wire() {}

    static int u8(byte[] bytes, int at) {
        return bytes[at] & 0xff;
    }

    static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
