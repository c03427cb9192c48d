package io.tombolo.handover;

import io.tombolo.net.Transport;
import java.net.InetAddress;
import java.util.List;

/**
 * Which sockets of one node's pods are exported. A key of its own per node, so that a node reads only what is its own.
 * One line of text per (protocol, port): {@code TCP 8080 10.42.1.5,10.42.1.9}, lines and addresses ordered.
 */
public record NodeExports(List<Exported> exported) {
    public NodeExports {
        exported = List.copyOf(exported);
    }

    /** @param port the pods' port (targetPort), 1-65535 */
    public record Exported(Transport transport, int port, List<InetAddress> addresses) {
        public Exported {
            addresses = List.copyOf(addresses);
        }
    }
}
