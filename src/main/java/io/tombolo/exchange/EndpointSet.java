package io.tombolo.exchange;

import io.tombolo.plan.service.ExportedService.EndpointGroup;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import java.util.List;

/** What identifies a group of endpoints within a service: address family and ports. */
record EndpointSet(boolean ipv6, List<EndpointPort> ports) {
    EndpointSet {
        ports = List.copyOf(ports);
    }

    static EndpointSet of(EndpointGroup group) {
        return new EndpointSet(group.ipv6(), group.ports());
    }
}
