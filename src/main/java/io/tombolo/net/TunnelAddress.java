package io.tombolo.net;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The addresses a cluster has inside the tunnel: {@code fd} followed by the first 56 bits of
 * SHA-256("tombolo address v1" ‖ identity) is its /64 (a unique local prefix, RFC 4193). They follow from the
 * identity alone, so they survive every rotation of door and lane keys.
 */
public record TunnelAddress(Cidr network) {
    private static final byte[] CONTEXT = "tombolo address v1".getBytes(StandardCharsets.US_ASCII);

    public static TunnelAddress of(IdentityKey identity) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(CONTEXT);
            byte[] digest = sha.digest(identity.bytes());
            byte[] address = new byte[16];
            address[0] = (byte) 0xfd;
            System.arraycopy(digest, 0, address, 1, 7);
            return new TunnelAddress(new Cidr(Addresses.of(address), 64));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Where the lanes of {@code slot} (0-7) end: probes and the exchange speak to it. */
    public InetAddress lane(int slot) {
        return at(0, slot + 1);
    }

    /** Where the door of {@code slot} (0-7) ends: announcements speak to it. */
    public InetAddress door(int slot) {
        return at(1, slot + 1);
    }

    private InetAddress at(int group, int host) {
        byte[] address = network.network().getAddress();
        address[13] = (byte) group;
        address[15] = (byte) host;
        return Addresses.of(address);
    }
}
