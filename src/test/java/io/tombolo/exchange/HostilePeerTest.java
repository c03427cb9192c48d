package io.tombolo.exchange;

import static io.tombolo.exchange.Loopback.name;
import static io.tombolo.exchange.Loopback.service;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tombolo.exchange.wire.Endpoint;
import io.tombolo.exchange.wire.EndpointsChanged;
import io.tombolo.exchange.wire.ExchangeGrpc;
import io.tombolo.exchange.wire.Hello;
import io.tombolo.exchange.wire.KeepAlive;
import io.tombolo.exchange.wire.Port;
import io.tombolo.exchange.wire.Service;
import io.tombolo.exchange.wire.ServiceName;
import io.tombolo.exchange.wire.SnapshotBegin;
import io.tombolo.exchange.wire.SnapshotEnd;
import io.tombolo.exchange.wire.Update;
import io.tombolo.exchange.wire.WatchRequest;
import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a linked cluster that means harm can send, and what it gets. */
@Execution(ExecutionMode.CONCURRENT)
class HostilePeerTest {
    private static final Duration SOON = Duration.ofSeconds(15);

    private final Loopback west = Loopback.cluster("west");
    private final Loopback east = Loopback.cluster("east");
    private final Exchange exchange = new Exchange(
            0,
            "0.1.0",
            Loopback.SOCKETS,
            new ExchangeListener() {
                @Override
                public void changed(ClusterId peer, Set<NamespacedName> names) {}

                @Override
                public void announced(ClusterId peer, SignedAnnouncement announcement) {}

                @Override
                public void streamChanged(ClusterId peer) {}
            },
            new Bounds(
                    64 * 1024,
                    10,
                    20,
                    30,
                    5_000,
                    5_000,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    Duration.ofSeconds(3)));
    private Optional<Server> hostile = Optional.empty();

    @AfterEach
    void close() {
        exchange.close();
        hostile.ifPresent(Server::shutdownNow);
    }

    /** East's exchange, as {@code script} plays it on every stream. */
    private void play(Consumer<StreamObserver<Update>> script) throws IOException {
        hostile = Optional.of(NettyServerBuilder.forAddress(east.socket())
                .addService(new ExchangeGrpc.ExchangeImplBase() {
                    @Override
                    public void watch(WatchRequest request, StreamObserver<Update> out) {
                        script.accept(out);
                    }
                })
                .build()
                .start());
        exchange.update(west.linkedTo(east), Map.of(east.id(), Set.of(0)));
    }

    private PeerExports heard() {
        return exchange.peer(east.id()).orElseThrow();
    }

    private void awaitFinding(Problem problem) {
        await().atMost(SOON)
                .until(() -> exchange.peer(east.id()).isPresent()
                        && heard().findings().stream().map(Finding::problem).anyMatch(problem::equals));
    }

    private static Update.Builder update(long sequence) {
        return Update.newBuilder().setInstance("i").setSequence(sequence);
    }

    private static Update hello(String cluster) {
        return update(0)
                .setHello(Hello.newBuilder().setClusterId(cluster).setProtocol(1))
                .build();
    }

    private static void snapshot(StreamObserver<Update> out, long sequence, Service... services) {
        out.onNext(hello("east"));
        out.onNext(update(sequence)
                .setSnapshotBegin(SnapshotBegin.getDefaultInstance())
                .build());
        for (Service service : services) {
            out.onNext(update(sequence).setService(service).build());
        }
        out.onNext(update(sequence)
                .setSnapshotEnd(SnapshotEnd.newBuilder().setServices(services.length))
                .build());
    }

    private static Service wire(String name) {
        return WireWriter.service(service(name, 0));
    }

    private static EndpointsChanged endpoints(String name, byte[]... addresses) {
        EndpointsChanged.Builder changed = EndpointsChanged.newBuilder()
                .setName(ServiceName.newBuilder().setNamespace("shop").setName(name))
                .addPorts(Port.newBuilder().setName("http").setProtocol(6).setPort(8080));
        for (byte[] address : addresses) {
            changed.addUpserted(Endpoint.newBuilder()
                    .setAddress(ByteString.copyFrom(address))
                    .setState(WireWriter.READY));
        }
        return changed.build();
    }

    @Test
    void refusesAPeerThatCallsItselfAnother() throws IOException {
        play(out -> out.onNext(hello("north")));
        awaitFinding(Problem.IDENTITY_MISMATCH);
        assertTrue(heard().stale());
    }

    @Test
    void refusesAProtocolItDoesNotSpeak() throws IOException {
        play(out -> out.onNext(update(0)
                .setHello(Hello.newBuilder().setClusterId("east").setProtocol(9))
                .build()));
        awaitFinding(Problem.VERSION_SKEW);
    }

    @Test
    void keepsWhatItHeardWhenASequenceIsRepeatedWithOtherContent() throws IOException {
        play(out -> {
            snapshot(out, 5, wire("web"));
            out.onNext(update(5).setService(wire("forged")).build());
        });
        awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void keepsWhatItHeardWhenASnapshotIsOlder() throws IOException {
        play(out -> {
            snapshot(out, 5, wire("web"));
            out.onNext(update(4)
                    .setSnapshotBegin(SnapshotBegin.getDefaultInstance())
                    .build());
        });
        awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void keepsWhatItHeardWhenASnapshotIsTruncated() throws IOException {
        play(out -> {
            snapshot(out, 5, wire("web"));
            out.onNext(update(6)
                    .setSnapshotBegin(SnapshotBegin.getDefaultInstance())
                    .build());
            out.onNext(update(6)
                    .setSnapshotEnd(SnapshotEnd.newBuilder().setServices(3))
                    .build());
        });
        awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void refusesANewInstanceThatBeginsWithoutASnapshot() throws IOException {
        play(out -> {
            snapshot(out, 5, wire("web"));
            out.onNext(Update.newBuilder()
                    .setInstance("other")
                    .setSequence(9)
                    .setService(wire("forged"))
                    .build());
        });
        awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void givesUpAMessageLargerThanAllowed() throws IOException {
        play(out -> {
            snapshot(out, 5, wire("web"));
            out.onNext(update(6)
                    .setService(wire("big").toBuilder().putAnnotations("a", "x".repeat(100_000)))
                    .build());
        });
        awaitFinding(Problem.STALE);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void leavesOutWhatIsBeyondTheLimitsAndTakesTheRest() throws IOException {
        play(out -> {
            Service[] many = new Service[15];
            for (int i = 0; i < many.length; i++) {
                many[i] = wire("s" + i);
            }
            snapshot(out, 5, many);
            byte[][] addresses = new byte[25][];
            for (int i = 0; i < addresses.length; i++) {
                addresses[i] = new byte[] {10, 52, 0, (byte) (i + 1)};
            }
            out.onNext(update(6).setEndpoints(endpoints("s0", addresses)).build());
        });
        awaitFinding(Problem.LIMIT_EXCEEDED);
        await().atMost(SOON).until(() -> heard().service(name("s0")).stream()
                .anyMatch(s -> !s.endpoints().isEmpty()));
        assertEquals(10, heard().names().size());
        assertEquals(
                20,
                heard().service(name("s0"))
                        .orElseThrow()
                        .endpoints()
                        .getFirst()
                        .endpoints()
                        .size());
        assertFalse(heard().stale());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Kubernetes",
                "*",
                "a.b",
                "-a",
                "a-",
                "",
                "a\u0000b",
                "_x",
                "xn--\u00fc",
                "a123456789012345678901234567890123456789012345678901234567890123",
                "$(id)",
                "{{}}",
                "\u0430bc"
            })
    void leavesOutAServiceWhoseNameIsNoLabel(String bad) throws IOException {
        play(out -> snapshot(
                out,
                5,
                wire("web"),
                wire("x").toBuilder()
                        .setName(ServiceName.newBuilder().setNamespace("shop").setName(bad))
                        .build()));
        awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertEquals(Set.of(name("web")), heard().names());
        assertTrue(heard().findings().toString().chars().noneMatch(c -> c < 0x20), "nothing a log obeys");
    }

    @Test
    void leavesOutEndpointsThatCanBeNoPods() throws IOException {
        byte[][] bad = {
            {127, 0, 0, 1},
            {0, 0, 0, 0},
            {(byte) 169, (byte) 254, 1, 1},
            {(byte) 224, 0, 0, 1},
            {-1, -1, -1, -1},
            {10, 52},
            {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 52, 0, 9},
            {},
        };
        play(out -> {
            snapshot(out, 5, wire("web"));
            out.onNext(update(6).setEndpoints(endpoints("web", bad)).build());
            out.onNext(update(7)
                    .setEndpoints(endpoints("web", new byte[] {10, 52, 0, 7}))
                    .build());
        });
        awaitFinding(Problem.ENDPOINT_INVALID);
        await().atMost(SOON).until(() -> heard().service(name("web")).stream()
                .anyMatch(s -> !s.endpoints().isEmpty()));
        assertEquals(
                List.of(Loopback.literal("10.52.0.7")),
                heard().service(name("web")).orElseThrow().endpoints().getFirst().endpoints().stream()
                        .map(e -> e.address())
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65_536, -1, Integer.MAX_VALUE})
    void leavesOutAServiceWhosePortIsNone(int port) throws IOException {
        play(out -> snapshot(
                out,
                5,
                wire("web"),
                wire("x").toBuilder()
                        .clearPorts()
                        .addPorts(Port.newBuilder().setName("p").setProtocol(6).setPort(port))
                        .build()));
        awaitFinding(Problem.PORT_INVALID);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void leavesOutAServiceWhoseProtocolWeDoNotCarry() throws IOException {
        int icmp = 1;
        play(out -> snapshot(
                out,
                5,
                wire("web"),
                wire("x").toBuilder()
                        .clearPorts()
                        .addPorts(
                                Port.newBuilder().setName("p").setProtocol(icmp).setPort(80))
                        .build()));
        awaitFinding(Problem.PROTOCOL_UNSUPPORTED);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void givesUpAStreamThatSaysNothing() throws IOException {
        play(out -> snapshot(out, 5, wire("web")));
        awaitFinding(Problem.STALE);
        assertEquals(Set.of(name("web")), heard().names());
    }

    @Test
    void givesUpASnapshotThatNeverEnds() throws IOException {
        play(out -> {
            out.onNext(hello("east"));
            out.onNext(update(5)
                    .setSnapshotBegin(SnapshotBegin.getDefaultInstance())
                    .build());
            Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 100; i++) {
                        Thread.sleep(200);
                        out.onNext(update(5)
                                .setKeepAlive(KeepAlive.getDefaultInstance())
                                .build());
                    }
                } catch (InterruptedException | StatusRuntimeException | IllegalStateException e) {
                    return; // the stream was given up, as it should be
                }
            });
        });
        awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertFalse(heard().complete());
    }

    @Test
    void givesUpAPeerThatSendsOneByteNowAndThen() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(east.socket());
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Socket client = socket.accept();
                        OutputStream out = client.getOutputStream();
                        for (byte b : new byte[] {0, 0, 18, 4, 0, 0}) {
                            out.write(b);
                            Thread.sleep(300);
                        }
                    }
                } catch (IOException | InterruptedException e) {
                    return; // the test is over
                }
            });
            exchange.update(west.linkedTo(east), Map.of(east.id(), Set.of(0)));
            awaitFinding(Problem.STALE);
        }
    }

    @Test
    void answersNobodyButLinkedClusters() throws Exception {
        exchange.complete();
        exchange.update(west.linkedTo(east), Map.of());
        assertEquals(Status.Code.PERMISSION_DENIED, ask("127.0.0.1", "east"));
    }

    @Test
    void answersAPeerOnlyUnderItsOwnName() throws Exception {
        exchange.complete();
        exchange.update(west.linkedTo(east), Map.of());
        String source = east.socket().getAddress().getHostAddress();
        assertEquals(Status.Code.PERMISSION_DENIED, ask(source, "north"));
        awaitFinding(Problem.IDENTITY_MISMATCH);
        assertEquals(Status.Code.OK, ask(source, "east"));
    }

    @Test
    void oneEndpointChangeIsBelowAKibibyteWhateverTheServicesSize() throws Exception {
        exchange.complete();
        exchange.export(service("web", 1_000));
        exchange.update(west.linkedTo(east), Map.of());
        ManagedChannel channel = channel(east.socket().getAddress().getHostAddress());
        try {
            Iterator<Update> stream = watch(channel, "east");
            Update last = stream.next();
            while (!last.hasSnapshotEnd()) {
                last = stream.next();
            }
            exchange.export(service("web", 1_001));
            last = stream.next();
            while (last.hasKeepAlive()) {
                last = stream.next();
            }
            assertEquals(1, last.getEndpoints().getUpsertedCount());
            assertTrue(last.getSerializedSize() < 1024, () -> "bytes of one change");
        } finally {
            channel.shutdownNow();
        }
    }

    /** How the first answer ends; OK where there is one. */
    private Status.Code ask(String source, String cluster) throws InterruptedException {
        ManagedChannel channel = channel(source);
        try {
            await().atMost(SOON).until(() -> {
                try {
                    return watch(channel, cluster).next().hasHello();
                } catch (StatusRuntimeException e) {
                    return e.getStatus().getCode() != Status.Code.UNAVAILABLE; // not bound yet
                }
            });
            watch(channel, cluster).next();
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    private static Iterator<Update> watch(ManagedChannel channel, String cluster) {
        return ExchangeGrpc.newBlockingStub(channel)
                .withWaitForReady()
                .withDeadlineAfter(10, java.util.concurrent.TimeUnit.SECONDS)
                .watch(WatchRequest.newBuilder()
                        .setClusterId(cluster)
                        .setProtocolMin(1)
                        .setProtocolMax(1)
                        .build());
    }

    private ManagedChannel channel(String source) {
        return NettyChannelBuilder.forAddress(west.socket())
                .usePlaintext()
                .localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                    @Override
                    public SocketAddress createSocketAddress(SocketAddress remote, io.grpc.Attributes attributes) {
                        return new InetSocketAddress(Loopback.literal(source), 0);
                    }
                })
                .build();
    }
}
