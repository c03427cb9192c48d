package io.tombolo.plan.tunnel;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whose an address is, as a topology has it: for what a peer says of single addresses, once its prefixes are accepted.
 * Made once for a topology and asked for every endpoint, so that nobody's number of prefixes makes it slow.
 */
public final class Territory {
    private final LocalRules local;
    private final CidrIndex<ClusterId> prefixes = new CidrIndex<>();
    private final CidrIndex<String> gateways = new CidrIndex<>();
    private final Set<InetAddress> edges = new HashSet<>();

    public Territory(Topology topology) {
        this.local = new LocalRules(topology.local());
        for (Peer peer : topology.peers().values()) {
            local.guardTunnel(peer.address(), "the tunnel addresses of " + peer.clusterId());
            peer.prefixes().forEach(prefix -> {
                prefixes.add(prefix, peer.clusterId());
                addEdges(prefix);
            });
            peer.doors().stream().flatMap(door -> door.endpoint().stream()).forEach(e -> addGateway(e.address(), peer));
            peer.lanes().stream().flatMap(lane -> lane.endpoint().stream()).forEach(e -> addGateway(e.address(), peer));
        }
    }

    /** The peer whose accepted prefix the address lies in. */
    public Optional<ClusterId> peer(InetAddress address) {
        return prefixes.overlapping(Cidr.host(address)).map(Map.Entry::getValue);
    }

    /** Whether a prefix begins or, with IPv4, ends with the address: no pod has such a one. */
    public boolean isEdge(InetAddress address) {
        return edges.contains(address);
    }

    /** Why no peer can have a pod at the address, in words: it lies in a special range or one of ours, or is a gateway. */
    public Optional<String> forbidden(InetAddress address) {
        return local.whatLiesAt(address)
                .map(what -> "lies in " + what)
                .or(() -> gateways.overlapping(Cidr.host(address)).map(hit -> "is " + hit.getValue()));
    }

    private void addGateway(InetAddress address, Peer peer) {
        gateways.add(Cidr.host(address), "a gateway of " + peer.clusterId());
    }

    /** None where a prefix has no inside. */
    private void addEdges(Cidr prefix) {
        byte[] last = prefix.network().getAddress();
        int host = last.length * 8 - prefix.length();
        if (host < 2) {
            return;
        }
        edges.add(prefix.network());
        if (prefix.isIpv4()) {
            for (int bit = 0; bit < host; bit++) {
                last[3 - bit / 8] |= (byte) (1 << bit % 8);
            }
            edges.add(Addresses.of(last));
        }
    }
}
