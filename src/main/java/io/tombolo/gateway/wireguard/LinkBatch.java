package io.tombolo.gateway.wireguard;

import io.tombolo.kernel.Interface;
import io.tombolo.net.Cidr;
import io.tombolo.plan.tunnel.WantedDevice;

/** What of a device is not WireGuard's: MTU, queue, addresses, and that it is up. */
final class LinkBatch {
    /**
     * Packets that may wait for a device, as many as for an Ethernet one. A tun device has 500 by default and drops what
     * comes after: wireguard-go without a CPU for half a second lost 235 packets of a flow of 1,000 a second.
     */
    private static final int QUEUE = 1000;

    private LinkBatch() {}

    /** @return lines of {@code ip -batch}; empty where the link is as it should be */
    static String of(WantedDevice device, Interface link) {
        StringBuilder batch = new StringBuilder();
        String name = device.name();
        if (link.mtu() != device.mtu()) {
            batch.append("link set ")
                    .append(name)
                    .append(" mtu ")
                    .append(device.mtu())
                    .append('\n');
        }
        if (link.queue() != QUEUE) {
            batch.append("link set ")
                    .append(name)
                    .append(" txqueuelen ")
                    .append(QUEUE)
                    .append('\n');
        }
        for (Cidr address : device.addresses()) {
            if (!link.addresses().contains(address)) {
                batch.append("addr add ").append(address).append(" dev ").append(name);
                batch.append(address.isIpv4() ? "\n" : " nodad\n");
            }
        }
        if (!link.up()) {
            batch.append("link set ").append(name).append(" up\n");
        }
        for (Cidr address : link.addresses()) {
            if (!device.addresses().contains(address)) {
                batch.append("addr del ")
                        .append(address)
                        .append(" dev ")
                        .append(name)
                        .append('\n');
            }
        }
        return batch.toString();
    }
}
