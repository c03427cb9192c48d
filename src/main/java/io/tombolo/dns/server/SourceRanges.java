package io.tombolo.dns.server;

import io.tombolo.net.Cidr;
import java.net.InetAddress;
import java.util.List;

/**
 * Who is answered: this cluster's pods, nodes and services, and this machine. Others get silence, which cannot be
 * amplified.
 *
 * @param ranges empty while they are not known: could not tell takes nothing down
 */
public record SourceRanges(List<Cidr> ranges) {
    public SourceRanges {
        ranges = List.copyOf(ranges);
    }

    public boolean allows(InetAddress source) {
        if (ranges.isEmpty() || source.isLoopbackAddress()) {
            return true;
        }
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).contains(source)) {
                return true;
            }
        }
        return false;
    }
}
