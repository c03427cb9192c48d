package io.tombolo.exchange;

import com.google.protobuf.ByteString;
import io.tombolo.exchange.wire.Port;
import io.tombolo.exchange.wire.Service;
import io.tombolo.exchange.wire.ServiceName;
import io.tombolo.net.Addresses;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** What a peer sent, as our values; whatever has not their form is refused, nothing is mended. */
final class WireReader {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern KEY =
            Pattern.compile("([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?");
    private static final Pattern VALUE = Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]{1,63}");
    private static final int MOST_PORTS = 100;
    private static final int MOST_LABELS = 64;
    private static final int MOST_ANNOTATION_CHARS = 16 * 1024;
    private static final int MOST_AFFINITY_SECONDS = 86_400; // as the API server bounds it
    private static final long YEAR_9999 = 253_402_300_799L;

    private WireReader() {}

    static NamespacedName name(ServiceName wire) throws RefusedException {
        if (!LABEL.matcher(wire.getNamespace()).matches()) {
            throw refused("name.namespace", wire.getNamespace(), "is no DNS label");
        }
        if (!LABEL.matcher(wire.getName()).matches()) {
            throw refused("name.name", wire.getName(), "is no DNS label");
        }
        return new NamespacedName(wire.getNamespace(), wire.getName());
    }

    /** The service's shape, without endpoints. */
    static ExportedService shape(Service wire) throws RefusedException {
        NamespacedName name = name(wire.getName());
        if (wire.getPortsCount() > MOST_PORTS || (wire.getPortsCount() == 0 && !wire.getHeadless())) {
            throw new RefusedException(
                    Problem.PORTS_INVALID,
                    "ports",
                    name + " has " + wire.getPortsCount() + " ports, not 1-" + MOST_PORTS);
        }
        List<ExportedService.Port> ports = new ArrayList<>();
        Set<Object> seen = new HashSet<>();
        for (EndpointPort port : ports(name, wire.getPortsList())) {
            if (!seen.add(port.name()) || !seen.add(List.of(port.transport(), port.port()))) {
                throw new RefusedException(
                        Problem.PORT_INVALID, "ports", name + " names port " + port.port() + " twice");
            }
            ports.add(new ExportedService.Port(port.name(), port.transport(), port.port(), port.appProtocol()));
        }
        if (wire.getIpFamiliesCount() == 0
                || Set.copyOf(wire.getIpFamiliesList()).size() != wire.getIpFamiliesCount()
                || !Set.of("IPv4", "IPv6").containsAll(wire.getIpFamiliesList())) {
            throw refused("ip_families", wire.getIpFamiliesList().toString(), "is not IPv4, IPv6 or both");
        }
        int timeout = wire.getSessionAffinityTimeoutSeconds();
        if (timeout < 0 || timeout > MOST_AFFINITY_SECONDS) {
            throw refused("session_affinity_timeout_seconds", String.valueOf(timeout), "is out of range 0-86400");
        }
        String policy = wire.getInternalTrafficPolicy();
        if (!Set.of("", "Cluster", "Local").contains(policy)) {
            throw refused("internal_traffic_policy", policy, "is not Cluster or Local");
        }
        String distribution = wire.getTrafficDistribution();
        if (!distribution.isEmpty() && !WORD.matcher(distribution).matches()) {
            throw refused("traffic_distribution", distribution, "is no word");
        }
        return new ExportedService(
                name,
                Instant.ofEpochSecond(Math.clamp(wire.getCreatedEpochSecond(), 0, YEAR_9999)),
                wire.getHeadless(),
                ports,
                wire.getIpFamiliesList(),
                wire.getSessionAffinityClientIp() ? SessionAffinity.CLIENT_IP : SessionAffinity.NONE,
                wire.getSessionAffinityClientIp() && timeout > 0 ? OptionalInt.of(timeout) : OptionalInt.empty(),
                policy.isEmpty() ? "Cluster" : policy,
                distribution.isEmpty() ? Optional.empty() : Optional.of(distribution),
                labels(wire.getLabelsMap()),
                annotations(wire.getAnnotationsMap()),
                List.of(),
                List.of());
    }

    static EndpointSet set(NamespacedName name, boolean ipv6, List<Port> ports) throws RefusedException {
        if (ports.size() > MOST_PORTS) {
            throw new RefusedException(
                    Problem.LIMIT_EXCEEDED,
                    "endpoints.ports",
                    name + " has endpoints with " + ports.size() + " ports, not up to " + MOST_PORTS);
        }
        return new EndpointSet(ipv6, ports(name, ports));
    }

    static Endpoint endpoint(NamespacedName name, boolean ipv6, io.tombolo.exchange.wire.Endpoint wire)
            throws RefusedException {
        InetAddress address = address(name, ipv6, wire.getAddress());
        if (address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isMulticastAddress()
                || Addresses.text(address).equals("255.255.255.255")) {
            throw new RefusedException(
                    Problem.ENDPOINT_FORBIDDEN,
                    "endpoints.address",
                    name + ": " + Addresses.text(address) + " cannot be a pod's address");
        }
        String hostname = wire.getHostname();
        if (!hostname.isEmpty() && !LABEL.matcher(hostname).matches()) {
            throw new RefusedException(
                    Problem.HOSTNAME_INVALID, "endpoints.hostname", name + ": " + shown(hostname) + " is no DNS label");
        }
        int state = wire.getState();
        return new Endpoint(
                address,
                hostname.isEmpty() ? Optional.empty() : Optional.of(hostname),
                (state & WireWriter.READY) != 0,
                (state & WireWriter.SERVING) != 0,
                (state & WireWriter.TERMINATING) != 0);
    }

    static InetAddress address(NamespacedName name, boolean ipv6, ByteString wire) throws RefusedException {
        int length = ipv6 ? 16 : 4;
        if (wire.size() == length) {
            InetAddress address = Addresses.of(wire.toByteArray());
            // the JDK turns an IPv4-mapped IPv6 address into an IPv4 one: two spellings of one address
            if (address.getAddress().length == length) {
                return address;
            }
        }
        throw new RefusedException(
                Problem.ENDPOINT_INVALID, "endpoints.address", name + ": not an address of the slice's family");
    }

    /** A stranger's text in a message: short, and nothing that a terminal or a log obeys. */
    static String shown(String text) {
        StringBuilder shown = new StringBuilder("\"");
        text.codePoints()
                .limit(64)
                .forEach(c -> shown.appendCodePoint(c >= 0x20 && c < 0x7f && c != '"' && c != '\\' ? c : '?'));
        return shown.append(text.length() > 64 ? "…\"" : "\"").toString();
    }

    private static List<EndpointPort> ports(NamespacedName name, List<Port> wire) throws RefusedException {
        List<EndpointPort> ports = new ArrayList<>();
        for (Port port : wire) {
            if (port.getPort() < 1 || port.getPort() > 65535) {
                throw new RefusedException(
                        Problem.PORT_INVALID,
                        "ports.port",
                        name + ": port " + Integer.toUnsignedString(port.getPort()) + " is out of range 1-65535");
            }
            if (!(port.getName().isEmpty() && wire.size() == 1)
                    && !LABEL.matcher(port.getName()).matches()) {
                throw new RefusedException(
                        Problem.PORT_INVALID, "ports.name", name + ": " + shown(port.getName()) + " is no DNS label");
            }
            if (!port.getAppProtocol().isEmpty()
                    && !KEY.matcher(port.getAppProtocol()).matches()) {
                throw new RefusedException(
                        Problem.PORT_INVALID,
                        "ports.app_protocol",
                        name + ": " + shown(port.getAppProtocol()) + " is no qualified name");
            }
            ports.add(new EndpointPort(
                    port.getName(),
                    transport(name, port.getProtocol()),
                    port.getPort(),
                    port.getAppProtocol().isEmpty() ? Optional.empty() : Optional.of(port.getAppProtocol())));
        }
        return ports;
    }

    private static Transport transport(NamespacedName name, int number) throws RefusedException {
        for (Transport transport : Transport.values()) {
            if (transport.number() == number) {
                return transport;
            }
        }
        throw new RefusedException(
                Problem.PROTOCOL_UNSUPPORTED,
                "ports.protocol",
                name + ": protocol " + Integer.toUnsignedString(number) + " is not TCP, UDP or SCTP");
    }

    private static Map<String, String> labels(Map<String, String> wire) throws RefusedException {
        if (wire.size() > MOST_LABELS) {
            throw refused("labels", String.valueOf(wire.size()), "labels are more than " + MOST_LABELS);
        }
        for (Map.Entry<String, String> label : wire.entrySet()) {
            if (!KEY.matcher(label.getKey()).matches()
                    || !VALUE.matcher(label.getValue()).matches()) {
                throw refused("labels", label.getKey(), "is no label, or its value is none");
            }
        }
        return wire;
    }

    private static Map<String, String> annotations(Map<String, String> wire) throws RefusedException {
        int chars = 0;
        for (Map.Entry<String, String> annotation : wire.entrySet()) {
            if (!KEY.matcher(annotation.getKey()).matches()) {
                throw refused("annotations", annotation.getKey(), "is no annotation key");
            }
            chars += annotation.getKey().length() + annotation.getValue().length();
        }
        if (chars > MOST_ANNOTATION_CHARS) {
            throw refused("annotations", String.valueOf(chars), "characters are more than " + MOST_ANNOTATION_CHARS);
        }
        return wire;
    }

    private static RefusedException refused(String field, String value, String why) {
        return new RefusedException(Problem.SNAPSHOT_REJECTED, field, shown(value) + " " + why);
    }
}
