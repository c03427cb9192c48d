package io.tombolo.net;

import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The points whose order divides 8, on the two forms of Curve25519, in every 32-byte spelling a decoder takes for them. */
enum SmallOrder {
    /** u-coordinates of X25519: 0, 1, the two of order 8, -1, and 0 and 1 with p added. */
    MONTGOMERY(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    /** y-coordinates of Ed25519: 0, 1, those of order 8, -1, and 0 and 1 with p added. */
    EDWARDS(
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");

    private final Set<String> coordinates;

    SmallOrder(String... coordinates) {
        this.coordinates = Stream.of(coordinates).collect(Collectors.toUnmodifiableSet());
    }

    /** The highest bit counts for neither: X25519 ignores it, and for Ed25519 it is the sign of x. */
    boolean contains(byte[] key) {
        byte[] coordinate = key.clone();
        coordinate[31] &= 0x7f;
        return coordinates.contains(HexFormat.of().formatHex(coordinate));
    }
}
