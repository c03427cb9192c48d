package io.tombolo.exchange;

import static io.tombolo.exchange.HostilePeer.SOON;
import static io.tombolo.exchange.HostilePeer.endpoints;
import static io.tombolo.exchange.HostilePeer.greet;
import static io.tombolo.exchange.HostilePeer.update;
import static io.tombolo.exchange.HostilePeer.wire;
import static io.tombolo.exchange.Loopback.name;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.tombolo.exchange.wire.Port;
import io.tombolo.exchange.wire.Service;
import io.tombolo.exchange.wire.ServiceName;
import io.tombolo.exchange.wire.ServiceRemoved;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a linked cluster that means harm can export, and what comes of it; each fault by itself: {@link ExportTableTest}. */
@Execution(ExecutionMode.CONCURRENT)
class HostileExportsTest {
    private final HostilePeer peer = new HostilePeer();

    @AfterEach
    void close() {
        peer.close();
    }

    private Set<Problem> problems() {
        return peer.heard().findings().stream().map(Finding::problem).collect(Collectors.toSet());
    }

    private List<String> endpointsOf(String service) {
        return peer.heard().service(name(service)).stream()
                .flatMap(s -> s.endpoints().stream())
                .flatMap(g -> g.endpoints().stream())
                .map(e -> io.tombolo.net.Addresses.text(e.address()))
                .toList();
    }

    @Test
    void everyFaultCostsWhatHasItAndNothingElse() throws IOException {
        peer.play(out -> {
            greet(
                    out,
                    5,
                    wire("web"),
                    named("*.svc"),
                    wire("no-port").toBuilder().clearPorts().build(),
                    port("port-0", 6, 0),
                    port("icmp", 1, 80));
            out.onNext(update(6)
                    .setEndpoints(endpoints("web", new byte[] {127, 0, 0, 1}, new byte[] {10, 52}))
                    .build());
            out.onNext(update(7)
                    .setEndpoints(endpoints("web", new byte[] {10, 52, 0, 7})
                            .addUpserted(io.tombolo.exchange.wire.Endpoint.newBuilder()
                                    .setAddress(ByteString.copyFrom(new byte[] {10, 52, 0, 8}))
                                    .setHostname("a.b")))
                    .build());
        });
        await().atMost(SOON)
                .until(() -> peer.exchange.peer(peer.east.id()).isPresent()
                        && endpointsOf("web").equals(List.of("10.52.0.7")));
        assertEquals(Set.of(name("web")), peer.heard().names());
        assertEquals(
                EnumSet.of(
                        Problem.SNAPSHOT_REJECTED,
                        Problem.PORTS_INVALID,
                        Problem.PORT_INVALID,
                        Problem.PROTOCOL_UNSUPPORTED,
                        Problem.ENDPOINT_FORBIDDEN,
                        Problem.ENDPOINT_INVALID,
                        Problem.HOSTNAME_INVALID),
                problems());
        assertFalse(peer.heard().stale());
    }

    @Test
    void row66LeavesOutWhatIsBeyondTheLimitsAndTakesTheRest() throws IOException {
        peer.play(out -> {
            greet(out, 5, IntStream.range(0, 15).mapToObj(i -> wire("s" + i)).toArray(Service[]::new));
            out.onNext(update(6)
                    .setEndpoints(endpoints(
                            "s0",
                            IntStream.range(1, 26)
                                    .mapToObj(i -> new byte[] {10, 52, 0, (byte) i})
                                    .toArray(byte[][]::new)))
                    .build());
        });
        peer.awaitFinding(Problem.LIMIT_EXCEEDED);
        await().atMost(SOON).until(() -> endpointsOf("s0").size() == 20);
        assertEquals(10, peer.heard().names().size());
        assertFalse(peer.heard().stale());
    }

    @Test
    void whatHadNoRoomComesWhenThereIsSome() throws IOException {
        AtomicInteger streams = new AtomicInteger();
        peer.play(out -> {
            if (streams.getAndIncrement() == 0) {
                greet(
                        out,
                        5,
                        IntStream.range(0, 11).mapToObj(i -> wire("s" + i)).toArray(Service[]::new));
                out.onNext(update(6)
                        .setServiceRemoved(
                                ServiceRemoved.newBuilder().setName(wire("s0").getName()))
                        .build());
            } else {
                greet(
                        out,
                        6,
                        IntStream.range(1, 11).mapToObj(i -> wire("s" + i)).toArray(Service[]::new));
            }
        });
        await().atMost(SOON)
                .until(() -> streams.get() > 1
                        && peer.heard().names().contains(name("s10"))
                        && peer.heard().findings().isEmpty());
        assertEquals(10, peer.heard().names().size());
    }

    @Test
    void whatIsCorrectedIsForgivenOnTheSameStream() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        peer.play(out -> Thread.ofVirtual().start(() -> {
            try {
                greet(out, 5, wire("web"), port("x", 1, 80), named("a.b"));
                byte[] loopback = {127, 0, 0, 1};
                out.onNext(update(6).setEndpoints(endpoints("web", loopback)).build());
                assertTrue(seen.await(15, TimeUnit.SECONDS));
                out.onNext(update(7)
                        .setEndpoints(endpoints("web").addRemoved(ByteString.copyFrom(loopback)))
                        .build());
                out.onNext(update(8).setService(wire("x")).build());
                out.onNext(update(9)
                        .setServiceRemoved(
                                ServiceRemoved.newBuilder().setName(named("a.b").getName()))
                        .build());
            } catch (InterruptedException | StatusRuntimeException e) {
                return; // this stream is over, and a thread that fails would fail another test
            }
        }));
        peer.awaitFinding(Problem.ENDPOINT_FORBIDDEN);
        assertEquals(
                EnumSet.of(Problem.SNAPSHOT_REJECTED, Problem.PROTOCOL_UNSUPPORTED, Problem.ENDPOINT_FORBIDDEN),
                problems());
        seen.countDown();
        await().atMost(SOON)
                .until(() ->
                        peer.heard().names().contains(name("x")) && problems().isEmpty());
    }

    private static Service named(String name) {
        return wire("x").toBuilder()
                .setName(ServiceName.newBuilder().setNamespace("shop").setName(name))
                .build();
    }

    private static Service port(String service, int protocol, int port) {
        return wire(service).toBuilder()
                .clearPorts()
                .addPorts(Port.newBuilder().setName("p").setProtocol(protocol).setPort(port))
                .build();
    }
}
