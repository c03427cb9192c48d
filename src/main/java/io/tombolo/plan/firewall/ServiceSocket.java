package io.tombolo.plan.firewall;

import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Transport;
import java.net.InetAddress;
import java.util.Locale;

/**
 * Where one pod of a shared service listens.
 *
 * @param port 1-65535
 */
public record ServiceSocket(InetAddress address, Transport transport, int port) {
    /** As other clusters know it. */
    ServiceSocket under(Aliases aliases) {
        return new ServiceSocket(aliases.of(address), transport, port);
    }

    boolean isIpv6() {
        return address.getAddress().length == 16;
    }

    /** As an element of a set of type {@code ipv4_addr . inet_proto . inet_service}. */
    String element() {
        return Addresses.text(address) + " . " + transport.name().toLowerCase(Locale.ROOT) + " . " + port;
    }
}
