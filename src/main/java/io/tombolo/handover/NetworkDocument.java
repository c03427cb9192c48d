package io.tombolo.handover;

import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import java.net.InetAddress;
import java.util.List;

/**
 * What every node must know to send its pods' packets to the right gateway, and nothing more. Key {@code network.json}
 * of ConfigMap {@code tombolo-network}.
 *
 * @param clusterId this cluster
 * @param podCidrs this cluster's pod prefixes
 * @param aliases under which other clusters know them
 * @param gateways where the slots run now, ordered by slot; a slot without a node is absent
 * @param nodes ordered by name
 * @param peers linked clusters whose prefixes were accepted, ordered by cluster ID
 */
public record NetworkDocument(
        ClusterId clusterId,
        List<Cidr> podCidrs,
        Aliases aliases,
        List<Gateway> gateways,
        List<Node> nodes,
        List<Peer> peers) {

    /** Name of the ConfigMap. Its DELETED event on an open watch is proof that the installation is gone. */
    public static final String CONFIG_MAP = "tombolo-network";

    /** Key of this document in the ConfigMap. */
    public static final String KEY = "network.json";

    /** Key of the exports of one node ({@link NodeExports}): {@code exports.<node>}. */
    public static final String EXPORTS_KEY_PREFIX = "exports.";

    public NetworkDocument {
        podCidrs = List.copyOf(podCidrs);
        gateways = List.copyOf(gateways);
        nodes = List.copyOf(nodes);
        peers = List.copyOf(peers);
    }

    /** @param address the InternalIP of the node the slot runs on */
    public record Gateway(int slot, String node, InetAddress address) {}

    /** @param podCidrs the node's part of the pod range; empty where the cluster has one flat pool */
    public record Node(String name, InetAddress address, List<Cidr> podCidrs) {
        public Node {
            podCidrs = List.copyOf(podCidrs);
        }
    }

    /**
     * @param prefixes accepted remote pod prefixes
     * @param allPods whether the peer may reach every pod, or exported endpoints only
     */
    public record Peer(ClusterId clusterId, List<Cidr> prefixes, boolean allPods) {
        public Peer {
            prefixes = List.copyOf(prefixes);
        }
    }
}
