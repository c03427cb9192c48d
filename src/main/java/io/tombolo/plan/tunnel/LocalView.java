package io.tombolo.plan.tunnel;

import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.net.TunnelAddress;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * This cluster, as read from its LocalCluster, keys and nodes.
 *
 * @param port where doors listen; lane k listens on port + 1 + k
 * @param gateways ordered by slot
 * @param nodes ordered by name
 * @param podCidrs the pods' own addresses; peers know {@link #announced()}
 * @param protectedAddresses never reachable through a peer: API server endpoints, cluster DNS
 * @param protectedCidrs what the admin protects besides
 * @param aliases under which peers know our pods
 * @param interfaces networks that are on-link at the node that judges, with the interface's name
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
        List<Cidr> protectedCidrs,
        Aliases aliases,
        SortedMap<Cidr, String> interfaces) {

    public LocalView {
        gateways = List.copyOf(gateways);
        nodes = List.copyOf(nodes);
        podCidrs = List.copyOf(podCidrs);
        serviceCidrs = List.copyOf(serviceCidrs);
        protectedAddresses = List.copyOf(protectedAddresses);
        protectedCidrs = List.copyOf(protectedCidrs);
        interfaces = Collections.unmodifiableSortedMap(new TreeMap<>(interfaces));
    }

    /** As the cluster's objects say it, from no node's point of view, and without aliases. */
    public LocalView(
            ClusterId clusterId,
            IdentityKey identity,
            int port,
            List<Gateway> gateways,
            List<Node> nodes,
            List<Cidr> podCidrs,
            List<Cidr> serviceCidrs,
            List<InetAddress> protectedAddresses,
            List<Cidr> protectedCidrs) {
        this(
                clusterId,
                identity,
                port,
                gateways,
                nodes,
                podCidrs,
                serviceCidrs,
                protectedAddresses,
                protectedCidrs,
                Aliases.NONE,
                new TreeMap<>());
    }

    /** The same cluster, seen from a node with these interfaces. */
    public LocalView at(SortedMap<Cidr, String> networks) {
        return with(aliases, networks);
    }

    /** The same cluster, known to peers under these. */
    public LocalView under(Aliases others) {
        return with(others, interfaces);
    }

    private LocalView with(Aliases others, SortedMap<Cidr, String> networks) {
        return new LocalView(
                clusterId,
                identity,
                port,
                gateways,
                nodes,
                podCidrs,
                serviceCidrs,
                protectedAddresses,
                protectedCidrs,
                others,
                networks);
    }

    /** The pods' addresses as peers know them, ordered. */
    public List<Cidr> announced() {
        return aliases.of(podCidrs).stream().distinct().sorted().toList();
    }

    /** The addresses of the pods of one node as peers know them. */
    public List<Cidr> announced(Node node) {
        return aliases.of(node.podCidrs());
    }

    /** Where our gateways are inside the tunnel. */
    public TunnelAddress tunnelAddress() {
        return TunnelAddress.of(identity);
    }

    /**
     * One gateway slot of ours.
     *
     * @param slot 0-7
     * @param nextLaneKey of generation + 1, while its lanes are to change to it
     * @param endpoints what we advertise for its door, in order of preference; may be empty (we dial out only)
     */
    public record Gateway(
            int slot,
            PublicKey doorKey,
            PublicKey laneKey,
            int generation,
            Optional<PublicKey> nextLaneKey,
            List<Endpoint> endpoints) {
        public Gateway {
            endpoints = List.copyOf(endpoints);
        }

        /** Whose lane key is not being rotated. */
        public Gateway(int slot, PublicKey doorKey, PublicKey laneKey, int generation, List<Endpoint> endpoints) {
            this(slot, doorKey, laneKey, generation, Optional.empty(), endpoints);
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
