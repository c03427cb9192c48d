package io.tombolo.dns.zone;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A domain name in wire form (RFC 1035 section 3.1), lower case: labels of 1-63 bytes, 255 bytes at most with the root.
 * Names are compared byte by byte, so a dot inside a label is an ordinary byte.
 */
public final class Name {
    /** RFC 1035 section 2.3.4. */
    public static final int MAX_LENGTH = 255;

    /** RFC 1035 section 2.3.4. */
    public static final int MAX_LABEL = 63;

    public static final Name ROOT = new Name(new byte[] {0});

    private final byte[] wire;

    private Name(byte[] wire) {
        this.wire = wire;
    }

    /**
     * Parses a dotted name, with or without the final dot, such as {@code clusterset.local}.
     *
     * @throws IllegalArgumentException where a label or the name is empty or too long
     */
    public static Name parse(String dotted) {
        String text = dotted.endsWith(".") ? dotted.substring(0, dotted.length() - 1) : dotted;
        Name name = ROOT;
        String[] labels = text.split("\\.", -1);
        for (int i = labels.length - 1; i >= 0; i--) {
            name = name.child(labels[i]);
        }
        return name;
    }

    /** Whether {@code text} fits one label. */
    public static boolean isLabel(String text) {
        int length = label(text).length;
        return length >= 1 && length <= MAX_LABEL;
    }

    /** The bytes of one label, without its length. */
    static byte[] label(String text) {
        return text.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The name one label below this one.
     *
     * @throws IllegalArgumentException where the label is empty or the result too long
     */
    public Name child(String label) {
        byte[] bytes = label(label);
        if (bytes.length < 1 || bytes.length > MAX_LABEL) {
            throw new IllegalArgumentException("not a label of 1-63 bytes: '" + label + "'");
        }
        if (bytes.length + 1 + wire.length > MAX_LENGTH) {
            throw new IllegalArgumentException("name longer than 255 bytes: '" + label + "." + this + "'");
        }
        byte[] child = new byte[bytes.length + 1 + wire.length];
        child[0] = (byte) bytes.length;
        System.arraycopy(bytes, 0, child, 1, bytes.length);
        System.arraycopy(wire, 0, child, 1 + bytes.length, wire.length);
        return new Name(child);
    }

    /** Length in wire form, the root's byte included; 1-255. */
    public int length() {
        return wire.length;
    }

    /** How many labels, the root not counted. */
    public int labels() {
        int labels = 0;
        for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
            labels++;
        }
        return labels;
    }

    /** Writes the wire form into {@code out} at {@code at}. */
    public void copyTo(byte[] out, int at) {
        System.arraycopy(wire, 0, out, at, wire.length);
    }

    /** Whether {@code length} bytes at {@code from} are this name, in lower case. */
    public boolean equals(byte[] lower, int from, int length) {
        return Arrays.equals(wire, 0, wire.length, lower, from, from + length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Name name && Arrays.equals(wire, name.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    /** Dotted, with the final dot. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
            text.append(new String(wire, at + 1, wire[at], StandardCharsets.UTF_8))
                    .append('.');
        }
        return text.isEmpty() ? "." : text.toString();
    }
}
