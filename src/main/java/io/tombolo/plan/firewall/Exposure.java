package io.tombolo.plan.firewall;

import io.tombolo.net.ClusterId;
import io.tombolo.plan.service.ExportedService;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which sockets may be spoken to across the links. A peer is absent from either map until that side of it is known.
 *
 * @param exported ours, by the peer that may reach them
 * @param imported a peer's, by that peer: replies from them are let in
 */
public record Exposure(Map<ClusterId, Set<ServiceSocket>> exported, Map<ClusterId, Set<ServiceSocket>> imported) {
    public static final Exposure NOTHING = new Exposure(Map.of(), Map.of());

    public Exposure {
        exported = Map.copyOf(exported);
        imported = Map.copyOf(imported);
    }

    /**
     * @param local what this cluster exports; endpoints count whether ready or not, since a pod that terminates still
     *     serves what it began
     * @param remote sockets of what each peer exports
     * @param peers every linked cluster
     */
    public static Exposure of(
            Collection<ExportedService> local, Map<ClusterId, Set<ServiceSocket>> remote, Collection<ClusterId> peers) {
        Map<ClusterId, Set<ServiceSocket>> exported = new HashMap<>();
        for (ClusterId peer : peers) {
            Set<ServiceSocket> sockets = new HashSet<>();
            for (ExportedService service : local) {
                if (service.toClusters().isEmpty() || service.toClusters().contains(peer.value())) {
                    collect(service, sockets);
                }
            }
            exported.put(peer, sockets);
        }
        return new Exposure(exported, remote);
    }

    /** Whether both sides of what is shared with the peer are known: until then the filter closes what may be open. */
    public boolean knows(ClusterId peer) {
        return exported.containsKey(peer) && imported.containsKey(peer);
    }

    /** Every endpoint's socket, whether it is ready or not. */
    public static Set<ServiceSocket> sockets(Collection<ExportedService> services) {
        Set<ServiceSocket> sockets = new HashSet<>();
        services.forEach(service -> collect(service, sockets));
        return sockets;
    }

    private static void collect(ExportedService service, Set<ServiceSocket> into) {
        for (ExportedService.EndpointGroup group : service.endpoints()) {
            for (ExportedService.EndpointPort port : group.ports()) {
                for (ExportedService.Endpoint endpoint : group.endpoints()) {
                    into.add(new ServiceSocket(endpoint.address(), port.transport(), port.port()));
                }
            }
        }
    }
}
