package io.tombolo.exchange;

import static io.tombolo.exchange.Loopback.service;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.tombolo.exchange.wire.Endpoint;
import io.tombolo.exchange.wire.EndpointsChanged;
import io.tombolo.exchange.wire.ExchangeGrpc;
import io.tombolo.exchange.wire.Hello;
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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** West's exchange, and east as a script plays it: whatever bytes it likes to send. */
final class HostilePeer implements AutoCloseable {
    static final Duration SOON = Duration.ofSeconds(15);

    static final Bounds BOUNDS = new Bounds(
            64 * 1024,
            10,
            20,
            30,
            32 * 1024,
            5_000,
            5_000,
            Duration.ofSeconds(2),
            Duration.ofSeconds(3),
            Duration.ofSeconds(3));

    /** A message as it is. */
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    final Loopback west = Loopback.cluster("west");
    final Loopback east = Loopback.cluster("east");
    final Exchange exchange;
    private Optional<Server> hostile = Optional.empty();

    HostilePeer() {
        this((peer, names) -> {});
    }

    /** @param changed told what west's exchange tells */
    HostilePeer(BiConsumer<ClusterId, Set<NamespacedName>> changed) {
        this.exchange = new Exchange(
                0,
                "0.1.0",
                Loopback.SOCKETS,
                new ExchangeListener() {
                    @Override
                    public void changed(ClusterId peer, Set<NamespacedName> names) {
                        changed.accept(peer, names);
                    }

                    @Override
                    public void announced(ClusterId peer, SignedAnnouncement announcement) {}

                    @Override
                    public void streamChanged(ClusterId peer) {}
                },
                BOUNDS);
    }

    @Override
    public void close() {
        exchange.close();
        hostile.ifPresent(Server::shutdownNow);
    }

    /** East's exchange, as {@code script} plays it on every stream. */
    void play(Consumer<StreamObserver<Update>> script) throws IOException {
        playBytes(out -> script.accept(writing(out)));
    }

    /** The same, with messages of any content. */
    void playBytes(Consumer<ServerCallStreamObserver<byte[]>> script) throws IOException {
        MethodDescriptor<WatchRequest, byte[]> watch = ExchangeGrpc.getWatchMethod().toBuilder(
                        ExchangeGrpc.getWatchMethod().getRequestMarshaller(), BYTES)
                .build();
        hostile = Optional.of(NettyServerBuilder.forAddress(east.socket())
                .addService(ServerServiceDefinition.builder(ExchangeGrpc.SERVICE_NAME)
                        .addMethod(
                                watch,
                                ServerCalls.asyncServerStreamingCall(
                                        (request, out) -> script.accept((ServerCallStreamObserver<byte[]>) out)))
                        .build())
                .build()
                .start());
        dial();
    }

    static StreamObserver<Update> writing(StreamObserver<byte[]> out) {
        return new StreamObserver<>() {
            @Override
            public void onNext(Update update) {
                out.onNext(update.toByteArray());
            }

            @Override
            public void onError(Throwable t) {
                out.onError(t);
            }

            @Override
            public void onCompleted() {
                out.onCompleted();
            }
        };
    }

    void dial() {
        exchange.update(west.linkedTo(east), Map.of(east.id(), Set.of(0)));
    }

    PeerExports heard() {
        return exchange.peer(east.id()).orElseThrow();
    }

    void awaitFinding(Problem problem) {
        await().atMost(SOON)
                .until(() -> exchange.peer(east.id()).isPresent()
                        && heard().findings().stream().map(Finding::problem).anyMatch(problem::equals));
    }

    static Update.Builder update(long sequence) {
        return update("i", sequence);
    }

    static Update.Builder update(String instance, long sequence) {
        return Update.newBuilder().setInstance(instance).setSequence(sequence);
    }

    static Update hello(String cluster) {
        return update(0)
                .setHello(Hello.newBuilder().setClusterId(cluster).setProtocol(1))
                .build();
    }

    /** Hello, and a whole snapshot. */
    static void greet(StreamObserver<Update> out, long sequence, Service... services) {
        out.onNext(hello("east"));
        snapshot(out, "i", sequence, services);
    }

    static void snapshot(StreamObserver<Update> out, String instance, long sequence, Service... services) {
        out.onNext(update(instance, sequence)
                .setSnapshotBegin(SnapshotBegin.getDefaultInstance())
                .build());
        for (Service service : services) {
            out.onNext(update(instance, sequence).setService(service).build());
        }
        out.onNext(update(instance, sequence)
                .setSnapshotEnd(SnapshotEnd.newBuilder().setServices(services.length))
                .build());
    }

    static Service wire(String name) {
        return WireWriter.service(service(name, 0));
    }

    static EndpointsChanged.Builder endpoints(String name, byte[]... addresses) {
        EndpointsChanged.Builder changed = EndpointsChanged.newBuilder()
                .setName(ServiceName.newBuilder().setNamespace("shop").setName(name))
                .addPorts(Port.newBuilder().setName("http").setProtocol(6).setPort(8080));
        for (byte[] address : addresses) {
            changed.addUpserted(Endpoint.newBuilder()
                    .setAddress(ByteString.copyFrom(address))
                    .setState(WireWriter.READY));
        }
        return changed;
    }
}
