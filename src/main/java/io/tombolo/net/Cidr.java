package io.tombolo.net;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An IPv4 or IPv6 prefix without host bits, in canonical form. A {@code Cidr} that exists is valid.
 *
 * @param network the first address of the prefix
 * @param length prefix length in bits, 0-32 for IPv4, 0-128 for IPv6
 */
public record Cidr(InetAddress network, int length) implements Comparable<Cidr> {
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

    /** @throws IllegalArgumentException where the length is out of range or host bits are set */
    public Cidr {
        byte[] bytes = network.getAddress();
        if (length < 0 || length > bytes.length * 8) {
            throw new IllegalArgumentException(
                    "prefix length " + length + " is out of range for " + network.getHostAddress());
        }
        if (!Arrays.equals(masked(bytes.clone(), length), bytes)) {
            throw new NotCanonicalException(network.getHostAddress() + "/" + length + " has host bits set; write "
                    + Addresses.of(masked(bytes, length)).getHostAddress() + "/" + length);
        }
    }

    /**
     * Parses the canonical text form, such as {@code 10.52.0.0/16}.
     *
     * @throws IllegalArgumentException where the text is not such a prefix; host names are never looked up
     */
    public static Cidr parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !LENGTH.matcher(text.substring(slash + 1)).matches()) {
            throw new IllegalArgumentException("not a CIDR: " + text);
        }
        return new Cidr(Addresses.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    }

    /** The prefix of one address: /32 or /128. */
    public static Cidr host(InetAddress address) {
        return new Cidr(address, bits(address));
    }

    /** The prefix of {@code length} bits that holds {@code address}. */
    public static Cidr containing(InetAddress address, int length) {
        return new Cidr(Addresses.of(masked(address.getAddress(), length)), length);
    }

    public boolean isIpv4() {
        return network.getAddress().length == 4;
    }

    public boolean contains(InetAddress address) {
        return begins(address, length);
    }

    /** Whether every address of {@code other} lies in this prefix. */
    public boolean contains(Cidr other) {
        return other.length >= length && contains(other.network);
    }

    public boolean overlaps(Cidr other) {
        return begins(other.network, Math.min(length, other.length));
    }

    /** Whether every address of this prefix lies in one of {@code covers}. */
    public boolean isCoveredBy(List<Cidr> covers) {
        return covers.stream().anyMatch(c -> c.contains(this));
    }

    /** The two prefixes that are one bit longer. @throws IllegalStateException where this is a single address */
    public List<Cidr> halves() {
        if (length == bits(network)) {
            throw new IllegalStateException(this + " has no halves");
        }
        byte[] upper = network.getAddress();
        upper[length / 8] |= (byte) (0x80 >> length % 8);
        return List.of(new Cidr(network, length + 1), new Cidr(Addresses.of(upper), length + 1));
    }

    @Override
    public int compareTo(Cidr other) {
        byte[] ours = network.getAddress();
        byte[] theirs = other.network.getAddress();
        if (ours.length != theirs.length) {
            return ours.length - theirs.length;
        }
        int order = Arrays.compareUnsigned(ours, theirs);
        return order != 0 ? order : length - other.length;
    }

    @Override
    public String toString() {
        return Addresses.text(network) + "/" + length;
    }

    /** Whether {@code address} is of our family, and begins with the same {@code count} bits as this prefix. */
    private boolean begins(InetAddress address, int count) {
        byte[] ours = network.getAddress();
        byte[] theirs = address.getAddress();
        if (ours.length != theirs.length) {
            return false;
        }
        int whole = count / 8;
        int rest = 8 - count % 8;
        return Arrays.equals(ours, 0, whole, theirs, 0, whole)
                && (rest == 8 || (ours[whole] & 0xff) >> rest == (theirs[whole] & 0xff) >> rest);
    }

    private static int bits(InetAddress address) {
        return address.getAddress().length * 8;
    }

    /** Clears what lies behind the first {@code length} bits, in place. */
    private static byte[] masked(byte[] bytes, int length) {
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp(length - i * 8L, 0, 8);
            bytes[i] &= (byte) (0xff << (8 - kept));
        }
        return bytes;
    }
}
