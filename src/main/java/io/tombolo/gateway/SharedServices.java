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
    private final Map<ClusterId, Imported> imported = new HashMap<>();

    /** As of a count of moves: there may be hundreds of peers, of which few have changed since the last pass. */
    private record Imported(long moves, Set<ServiceSocket> sockets) {}

    SharedServices(ServicePlane services, StateDirectory disk) {
        this.services = services;
        this.keeper = new ExposureKeeper(disk);
    }

    /** One at a time. */
    Exposure exposure(Topology topology) {
        Collection<ClusterId> peers = topology.peers().keySet();
        imported.keySet().retainAll(peers);
        Map<ClusterId, Set<ServiceSocket>> remote = new HashMap<>();
        for (ClusterId peer : peers) {
            services.peer(peer)
                    .filter(PeerExports::complete)
                    .ifPresent(exports -> remote.put(peer, sockets(peer, exports)));
        }
        List<ExportedService> local = services.local().all().stream()
                .flatMap(export -> export.service().stream())
                .map(service -> service.under(topology.local().aliases()))
                .toList();
        Exposure now = Exposure.of(local, remote, peers);
        Optional<Map<ClusterId, Set<ServiceSocket>>> exported =
                services.local().isSynced() ? Optional.of(now.exported()) : Optional.empty();
        return keeper.merge(exported, now.imported(), peers);
    }

    private Set<ServiceSocket> sockets(ClusterId peer, PeerExports exports) {
        long moves = exports.moves(); // first: what comes while we read is read again
        Imported known = imported.get(peer);
        if (known == null || known.moves() != moves) {
            List<ExportedService> all = exports.names().stream()
                    .flatMap(name -> exports.service(name).stream())
                    .toList();
            known = new Imported(moves, Exposure.sockets(all));
            imported.put(peer, known);
        }
        return known.sockets();
    }
}
