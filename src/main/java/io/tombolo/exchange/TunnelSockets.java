package io.tombolo.exchange;

import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.tunnel.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where the exchange of a cluster's slot (0-7) listens, and the address its own streams come from. */
@FunctionalInterface
public interface TunnelSockets {
    /** The lanes' tunnel addresses. WireGuard lets nobody but that cluster send from them. */
    TunnelSockets LANES = (cluster, slot) -> new InetSocketAddress(cluster.lane(slot), Wire.EXCHANGE_TCP_PORT);

    InetSocketAddress of(TunnelAddress cluster, int slot);

    default InetAddress source(TunnelAddress cluster, int slot) {
        return of(cluster, slot).getAddress();
    }
}
