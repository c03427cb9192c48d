package io.tombolo.dns.server;

import io.tombolo.net.Addresses;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A reply taken apart by rules of its own, so that the server's code is not what judges it. */
final class TestReply {
    final int id;
    final int flags;
    final List<String> answers = new ArrayList<>();
    final List<String> authorities = new ArrayList<>();
    final List<String> additionals = new ArrayList<>();
    final int questions;
    final int length;
    String opt = "";
    private final byte[] bytes;
    private int at;

    private TestReply(byte[] bytes) {
        this.bytes = bytes;
        this.length = bytes.length;
        id = u16(0);
        flags = u16(2);
        questions = u16(4);
        at = 12;
        for (int i = 0; i < questions; i++) {
            name();
            at += 4;
        }
        section(u16(6), answers);
        section(u16(8), authorities);
        section(u16(10), additionals);
        if (at != bytes.length) {
            throw new AssertionError("garbage behind the reply: " + (bytes.length - at) + " bytes");
        }
    }

    static TestReply parse(byte[] bytes) {
        return new TestReply(bytes);
    }

    int rcode() {
        return flags & 15;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    byte[] question() {
        int end = 12;
        while (bytes[end] != 0) {
            end += bytes[end] + 1;
        }
        return Arrays.copyOfRange(bytes, 12, end + 5);
    }

    private void section(int count, List<String> records) {
        for (int i = 0; i < count; i++) {
            String owner = name();
            int type = u16(at);
            int dnsClass = u16(at + 2);
            long ttl = (long) u16(at + 4) << 16 | u16(at + 6);
            int end = at + 10 + u16(at + 8);
            at += 10;
            if (type == Wire.OPT) {
                opt = "size=" + dnsClass + " rcode=" + (ttl >>> 24) + " version=" + (ttl >>> 16 & 0xff) + " flags="
                        + (ttl & 0xffff) + " length=" + (end - at);
                at = end;
                continue;
            }
            String rdata =
                    switch (type) {
                        case Wire.A, Wire.AAAA -> take(end);
                        case Wire.NS -> name();
                        case Wire.SOA ->
                            name() + " " + name() + " " + skipNumber() + " " + number() + " " + number() + " "
                                    + number() + " " + number();
                        case Wire.SRV -> small() + " " + small() + " " + small() + " " + uncompressedName();
                        case Wire.TXT ->
                            "\"" + new String(bytes, at + 1, takeTo(end) - 1, StandardCharsets.US_ASCII) + "\"";
                        default -> throw new AssertionError("type " + type);
                    };
            if (at != end || dnsClass != Wire.IN) {
                throw new AssertionError("rdata ends at " + at + " and not " + end + " in " + owner + " " + rdata);
            }
            records.add(owner + " " + ttl + " " + type(type) + " " + rdata);
        }
    }

    private static String type(int type) {
        return switch (type) {
            case Wire.A -> "A";
            case Wire.AAAA -> "AAAA";
            case Wire.NS -> "NS";
            case Wire.SOA -> "SOA";
            case Wire.SRV -> "SRV";
            default -> "TXT";
        };
    }

    private String take(int end) {
        String text = Addresses.text(Addresses.of(Arrays.copyOfRange(bytes, at, end)));
        at = end;
        return text;
    }

    private int takeTo(int end) {
        int length = end - at;
        at = end;
        return length;
    }

    private int small() {
        at += 2;
        return u16(at - 2);
    }

    private long number() {
        at += 4;
        return (long) u16(at - 4) << 16 | u16(at - 2);
    }

    private String skipNumber() {
        return number() > 0 ? "SERIAL" : "0";
    }

    private String uncompressedName() {
        for (int i = at; bytes[i] != 0; i += bytes[i] + 1) {
            if ((bytes[i] & 0xc0) != 0) {
                throw new AssertionError("compressed SRV target (RFC 2782)");
            }
        }
        return name();
    }

    private String name() {
        StringBuilder text = new StringBuilder();
        int from = at;
        int end = -1;
        while (true) {
            int length = bytes[from] & 0xff;
            if (length == 0) {
                at = end < 0 ? from + 1 : end;
                return text.isEmpty() ? "." : text.toString();
            }
            if (length >= 0xc0) {
                int target = u16(from) & 0x3fff;
                if (target >= from) {
                    throw new AssertionError("pointer to " + target + " at " + from);
                }
                end = end < 0 ? from + 2 : end;
                from = target;
            } else {
                text.append(new String(bytes, from + 1, length, StandardCharsets.ISO_8859_1))
                        .append('.');
                from += length + 1;
            }
        }
    }

    private int u16(int where) {
        return (bytes[where] & 0xff) << 8 | (bytes[where + 1] & 0xff);
    }
}
