package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.net.TunnelAddress;
import java.net.InetAddress;
import java.util.List;

/**
 * This cluster, as read from its LocalCluster, keys and nodes.
 *
 * @param port where doors listen; lane k listens on port + 1 + k
 * @param gateways ordered by slot
 * @param nodes ordered by name
 * @param podCidrs what we announce
 * @param protectedAddresses never reachable through a peer: API server endpoints, cluster DNS
 * @param protectedCidrs what the admin protects besides
 */
public record LocalView(
        ClusterId clusterId,
        IdentityKey identity,
        int port,
        List<Gateway> gateways,
        List<Node> nodes,
        List<Cidr> podCidrs,
        List<Cidr> serviceCidrs,
        List<InetAddress> protectedAddresses,
        List<Cidr> protectedCidrs) {

    public LocalView {
        gateways = List.copyOf(gateways);
        nodes = List.copyOf(nodes);
        podCidrs = List.copyOf(podCidrs);
        serviceCidrs = List.copyOf(serviceCidrs);
        protectedAddresses = List.copyOf(protectedAddresses);
        protectedCidrs = List.copyOf(protectedCidrs);
    }

    /** Where our gateways are inside the tunnel. */
    public TunnelAddress tunnelAddress() {
        return TunnelAddress.of(identity);
    }

    /**
     * One gateway slot of ours.
     *
     * @param slot 0-7
     * @param endpoints what we advertise for its door, in order of preference; may be empty (we dial out only)
     */
    public record Gateway(int slot, PublicKey doorKey, PublicKey laneKey, int generation, List<Endpoint> endpoints) {
        public Gateway {
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * @param address the node's InternalIP, on the underlay
     * @param podCidrs this node's part of the pod range; empty where the cluster has one flat pool
     */
    public record Node(String name, InetAddress address, List<Cidr> podCidrs) {
        public Node {
            podCidrs = List.copyOf(podCidrs);
        }
    }
}
