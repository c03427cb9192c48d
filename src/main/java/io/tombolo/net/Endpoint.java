package io.tombolo.net;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * A UDP endpoint on the underlay.
 *
 * @param port 1-65535
 */
public record Endpoint(InetAddress address, int port) {
    /** @throws IllegalArgumentException where the port is out of range */
    public Endpoint {
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port " + port + " is out of range 1-65535");
        }
    }

    /** The same address {@code offset} ports further: lane k of a gateway is its endpoint's port + 1 + k. */
    public Endpoint plus(int offset) {
        return new Endpoint(address, port + offset);
    }

    /** As {@code wg} reads and prints it: {@code 203.0.113.10:51820}, {@code [2001:db8::1]:51820}. */
    @Override
    public String toString() {
        String text = Addresses.text(address);
        return (address instanceof Inet6Address ? "[" + text + "]" : text) + ":" + port;
    }
}
