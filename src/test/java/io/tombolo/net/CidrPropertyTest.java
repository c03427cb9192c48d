package io.tombolo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class CidrPropertyTest {
    /** Held against arithmetic on whole ranges. */
    @Property(tries = 5_000)
    void containsAndOverlapsAsRangesOfNumbersDo(@ForAll long seed) {
        Random random = new Random(seed);
        int bytes = random.nextBoolean() ? 4 : 16;
        Cidr one = prefix(random, bytes);
        Cidr other = random.nextBoolean()
                ? prefix(random, bytes)
                : Cidr.containing(one.network(), random.nextInt(8 * bytes + 1));
        assertEquals(
                first(one).compareTo(first(other)) <= 0 && last(one).compareTo(last(other)) >= 0, one.contains(other));
        assertEquals(
                first(one).compareTo(last(other)) <= 0 && first(other).compareTo(last(one)) <= 0, one.overlaps(other));
        assertEquals(one.overlaps(other), other.overlaps(one));
        assertEquals(one.contains(other.network()), one.contains(Cidr.host(other.network())));
    }

    private static Cidr prefix(Random random, int bytes) {
        byte[] address = new byte[bytes];
        random.nextBytes(address);
        address[0] &= 3;
        return Cidr.containing(Addresses.of(address), random.nextInt(8 * bytes + 1));
    }

    private static BigInteger first(Cidr cidr) {
        return new BigInteger(1, cidr.network().getAddress());
    }

    private static BigInteger last(Cidr cidr) {
        int bits = cidr.network().getAddress().length * 8;
        return first(cidr).add(BigInteger.ONE.shiftLeft(bits - cidr.length())).subtract(BigInteger.ONE);
    }
}
