package io.tombolo.dns.zone;

import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A service as this cluster imports it: its ServiceImport, and the MCS EndpointSlices of every source cluster.
 *
 * @param ips the clusterset IPs; empty where headless
 * @param ports what clients of a ClusterSetIP service connect to
 * @param endpoints of headless services, ready or not; ignored otherwise
 */
public record ImportedService(
        NamespacedName name, boolean headless, List<InetAddress> ips, List<Port> ports, List<Endpoint> endpoints) {

    public ImportedService {
        ips = List.copyOf(ips);
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
    }

    /**
     * @param name empty for an unnamed port, which has no SRV record
     * @param port 1-65535
     */
    public record Port(String name, Transport transport, int port) {}

    /**
     * @param cluster the source cluster
     * @param hostname first label of the endpoint's own name; empty: the dashed address
     * @param ports where this endpoint listens
     */
    public record Endpoint(
            String cluster, InetAddress address, Optional<String> hostname, boolean ready, List<Port> ports) {
        public Endpoint {
            ports = List.copyOf(ports);
        }
    }
}
