package io.tombolo.dns.server;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds queries byte by byte, right or wrong. */
final class TestQuery {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private TestQuery() {}

    /** A header with ID 0x1234 and RD. */
    static TestQuery header(int questions, int answers, int authorities, int additionals) {
        return new TestQuery().u16(0x1234, 0x0100, questions, answers, authorities, additionals);
    }

    static TestQuery of(String name, int type) {
        return header(1, 0, 0, 0).name(name).u16(type, Wire.IN);
    }

    static TestQuery withOpt(String name, int type, int size) {
        return header(1, 0, 0, 1).name(name).u16(type, Wire.IN).opt(size, 0);
    }

    TestQuery u16(int... values) {
        for (int value : values) {
            bytes.write(value >>> 8);
            bytes.write(value);
        }
        return this;
    }

    TestQuery raw(int... values) {
        for (int value : values) {
            bytes.write(value);
        }
        return this;
    }

    TestQuery label(String label) {
        byte[] text = label.getBytes(StandardCharsets.ISO_8859_1);
        bytes.write(text.length);
        bytes.writeBytes(text);
        return this;
    }

    TestQuery name(String dotted) {
        for (String label : dotted.split("\\.")) {
            if (!label.isEmpty()) {
                label(label);
            }
        }
        return raw(0);
    }

    TestQuery opt(int size, int version, int... options) {
        return raw(0).u16(Wire.OPT, size)
                .raw(0, version, 0, 0)
                .u16(options.length)
                .raw(options);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** The bytes with those of the header's flags replaced. */
    byte[] flags(int flags) {
        byte[] message = bytes();
        message[2] = (byte) (flags >>> 8);
        message[3] = (byte) flags;
        return message;
    }
}
