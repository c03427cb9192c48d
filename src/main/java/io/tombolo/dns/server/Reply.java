package io.tombolo.dns.server;

import io.tombolo.dns.zone.Name;

/**
 * The one reply being written: bounded, reused, allocates nothing. Who writes asks {@link #fits} first; the buffer holds
 * the largest message there is, so a mistake here is a wrong reply, never an exception.
 */
final class Reply {
    /** Offsets of 14 bits are all a compression pointer can hold (RFC 1035 section 4.1.4). */
    private static final int MAX_POINTER = 0x3fff;

    private final byte[] bytes = new byte[Wire.MAX_TCP + Name.MAX_LENGTH];
    private int at;
    private int limit;

    /** Starts a reply of at most {@code limit} bytes with the ID, opcode, RD and CD of the query. */
    void start(byte[] query, int limit) {
        this.limit = limit;
        bytes[0] = query[0];
        bytes[1] = query[1];
        put16(2, Wire.QR | (Wire.u16(query, 2) & (Wire.OPCODE | Wire.RD | Wire.CD)));
        for (int i = 4; i < Wire.HEADER; i++) {
            bytes[i] = 0;
        }
        at = Wire.HEADER;
    }

    /** Repeats the question byte for byte: clients compare it with letter case (draft-vixie-dnsext-dns0x20). */
    void question(byte[] query, int length) {
        System.arraycopy(query, Wire.HEADER, bytes, Wire.HEADER, length);
        at = Wire.HEADER + length;
        put16(4, 1);
    }

    void flag(int flag) {
        put16(2, Wire.u16(bytes, 2) | flag);
    }

    void rcode(int rcode) {
        put16(2, (Wire.u16(bytes, 2) & ~0xf) | (rcode & 0xf));
    }

    /** Keeps {@code length} bytes free for what comes last. */
    void reserve(int length) {
        limit -= length;
    }

    boolean fits(int length) {
        return at + length <= limit;
    }

    int room() {
        return limit - at;
    }

    int position() {
        return at;
    }

    void countAnswers(int count) {
        put16(6, count);
    }

    void countAuthorities(int count) {
        put16(8, count);
    }

    void countAdditionals(int count) {
        put16(10, count);
    }

    /** Name by pointer, type, class IN, TTL, rdata length: 12 bytes; the rdata follows. */
    void record(int owner, int type, int ttl, int rdataLength) {
        pointer(owner);
        u16(type);
        u16(Wire.IN);
        u32(ttl);
        u16(rdataLength);
    }

    static boolean canPointTo(int offset) {
        return offset <= MAX_POINTER;
    }

    void pointer(int offset) {
        u16(0xc000 | offset);
    }

    void name(Name name) {
        name.copyTo(bytes, at);
        at += name.length();
    }

    /** A label of ASCII letters, without the end of the name. */
    void label(byte[] label) {
        u8(label.length);
        System.arraycopy(label, 0, bytes, at, label.length);
        at += label.length;
    }

    void u8(int value) {
        bytes[at++] = (byte) value;
    }

    void u16(int value) {
        put16(at, value);
        at += 2;
    }

    void u32(int value) {
        u16(value >>> 16);
        u16(value);
    }

    /** Moves on over rdata that was copied into {@link #bytes()} at {@link #position()}. */
    void skip(int length) {
        at += length;
    }

    byte[] bytes() {
        return bytes;
    }

    private void put16(int where, int value) {
        bytes[where] = (byte) (value >>> 8);
        bytes[where + 1] = (byte) value;
    }
}
