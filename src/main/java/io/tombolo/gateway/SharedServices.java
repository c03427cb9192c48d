package io.tombolo.gateway;

import io.tombolo.exchange.PeerExports;
import io.tombolo.host.StateDirectory;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.firewall.Exposure;
import io.tombolo.plan.firewall.ServiceSocket;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.services.ServicePlane;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is exported and imported now, as the filter needs it. */
final class SharedServices {
    private final ServicePlane services;
    private final ExposureKeeper keeper;

    SharedServices(ServicePlane services, StateDirectory disk) {
        this.services = services;
        this.keeper = new ExposureKeeper(disk);
    }

    Exposure exposure(Topology topology) {
        Collection<ClusterId> peers = topology.peers().keySet();
        Map<ClusterId, List<ExportedService>> remote = new HashMap<>();
        for (ClusterId peer : peers) {
            services.peer(peer)
                    .filter(PeerExports::complete)
                    .ifPresent(exports -> remote.put(
                            peer,
                            exports.names().stream()
                                    .flatMap(name -> exports.service(name).stream())
                                    .toList()));
        }
        List<ExportedService> local = services.local().all().stream()
                .flatMap(export -> export.service().stream())
                .toList();
        Exposure now = Exposure.of(local, remote, peers);
        Optional<Map<ClusterId, Set<ServiceSocket>>> exported =
                services.local().isSynced() ? Optional.of(now.exported()) : Optional.empty();
        return keeper.merge(exported, now.imported(), peers);
    }
}
