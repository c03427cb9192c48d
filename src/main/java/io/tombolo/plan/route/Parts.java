package io.tombolo.plan.route;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a cluster's prefixes into equal parts, so that each of its gateways carries some. Nobody needs to cut as others do.
 */
final class Parts {
    /** As large as the pod range of a node usually is: a part then has one way inside the cluster, too. */
    private static final int LONGEST_4 = 24;

    private static final int LONGEST_6 = 64;

    private Parts() {}

    /**
     * @param most how many there may be in all, as long as that is not fewer than there are prefixes
     * @return ordered as {@code prefixes}; one whose pods are too few to be cut stays whole
     */
    static List<Cidr> of(List<Cidr> prefixes, int most) {
        int each = Math.max(1, most / Math.max(1, prefixes.size()));
        int bits = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(each);
        List<Cidr> parts = new ArrayList<>();
        for (Cidr prefix : prefixes) {
            int longest = prefix.isIpv4() ? LONGEST_4 : LONGEST_6;
            cut(prefix, Math.clamp(longest - prefix.length(), 0, bits), parts);
        }
        return parts;
    }

    private static void cut(Cidr prefix, int bits, List<Cidr> into) {
        byte[] network = prefix.network().getAddress();
        int length = prefix.length() + bits;
        BigInteger first = new BigInteger(1, network);
        for (int i = 0; i < 1 << bits; i++) {
            BigInteger part = first.add(BigInteger.valueOf(i).shiftLeft(network.length * 8 - length));
            into.add(new Cidr(Addresses.of(bytes(part, network.length)), length));
        }
    }

    private static byte[] bytes(BigInteger number, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[count - 1 - i] = number.shiftRight(8 * i).byteValue();
        }
        return bytes;
    }
}
