package io.tombolo.exchange;

import com.google.protobuf.UnsafeByteOperations;
import io.tombolo.exchange.wire.EndpointsChanged;
import io.tombolo.exchange.wire.Port;
import io.tombolo.exchange.wire.Service;
import io.tombolo.exchange.wire.ServiceName;
import io.tombolo.net.NamespacedName;
import io.tombolo.net.Transport;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.plan.service.ExportedService.Endpoint;
import io.tombolo.plan.service.ExportedService.EndpointPort;
import io.tombolo.plan.service.ExportedService.SessionAffinity;
import io.tombolo.trust.SignedAnnouncement;
import java.net.InetAddress;
import java.util.Optional;

/** Our values as protobuf. */
final class WireWriter {
    static final int READY = 1;
    static final int SERVING = 2;
    static final int TERMINATING = 4;

    private WireWriter() {}

    static ServiceName name(NamespacedName name) {
        return ServiceName.newBuilder()
                .setNamespace(name.namespace())
                .setName(name.name())
                .build();
    }

    static Service service(ExportedService service) {
        Service.Builder wire = Service.newBuilder()
                .setName(name(service.name()))
                .setCreatedEpochSecond(service.created().getEpochSecond())
                .setHeadless(service.headless())
                .addAllIpFamilies(service.ipFamilies())
                .setSessionAffinityClientIp(service.sessionAffinity() == SessionAffinity.CLIENT_IP)
                .setSessionAffinityTimeoutSeconds(
                        service.sessionAffinityTimeout().orElse(0))
                .setInternalTrafficPolicy(service.internalTrafficPolicy())
                .setTrafficDistribution(service.trafficDistribution().orElse(""))
                .putAllLabels(service.labels())
                .putAllAnnotations(service.annotations());
        for (ExportedService.Port port : service.ports()) {
            wire.addPorts(port(port.name(), port.transport(), port.port(), port.appProtocol()));
        }
        return wire.build();
    }

    static EndpointsChanged.Builder group(NamespacedName name, EndpointSet set) {
        EndpointsChanged.Builder wire =
                EndpointsChanged.newBuilder().setName(name(name)).setIpv6(set.ipv6());
        for (EndpointPort port : set.ports()) {
            wire.addPorts(port(port.name(), port.transport(), port.port(), port.appProtocol()));
        }
        return wire;
    }

    static io.tombolo.exchange.wire.Endpoint endpoint(Endpoint endpoint) {
        return io.tombolo.exchange.wire.Endpoint.newBuilder()
                .setAddress(UnsafeByteOperations.unsafeWrap(endpoint.address().getAddress()))
                .setHostname(endpoint.hostname().orElse(""))
                .setState((endpoint.ready() ? READY : 0)
                        | (endpoint.serving() ? SERVING : 0)
                        | (endpoint.terminating() ? TERMINATING : 0))
                .build();
    }

    static com.google.protobuf.ByteString address(InetAddress address) {
        return UnsafeByteOperations.unsafeWrap(address.getAddress());
    }

    static io.tombolo.exchange.wire.SignedAnnouncement announcement(SignedAnnouncement announcement) {
        return io.tombolo.exchange.wire.SignedAnnouncement.newBuilder()
                .setBytes(UnsafeByteOperations.unsafeWrap(announcement.bytes()))
                .setSignature(UnsafeByteOperations.unsafeWrap(announcement.signature()))
                .build();
    }

    private static Port port(String name, Transport transport, int port, Optional<String> appProtocol) {
        return Port.newBuilder()
                .setName(name)
                .setProtocol(transport.number())
                .setPort(port)
                .setAppProtocol(appProtocol.orElse(""))
                .build();
    }
}
