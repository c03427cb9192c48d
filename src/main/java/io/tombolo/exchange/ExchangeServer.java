package io.tombolo.exchange;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.tombolo.exchange.wire.ExchangeGrpc;
import io.tombolo.exchange.wire.Hello;
import io.tombolo.exchange.wire.Update;
import io.tombolo.exchange.wire.WatchRequest;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Problem;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Answers peers that watch our exports. Who asks is told by the address the connection comes from, which WireGuard
 * vouches for; what he says of himself must agree. On the exchange's thread only.
 */
final class ExchangeServer {
    private static final Context.Key<InetAddress> SOURCE = Context.key("source");
    /** A WatchRequest with the largest announcement is below 9 KiB. */
    private static final int REQUEST_BYTES = 16 * 1024;

    private static final int STREAMS_PER_MINUTE = 60;

    private final ExchangeThread thread;
    private final ExchangeServing serving;
    private final Map<InetAddress, PeerFeed> feeds = new HashMap<>();
    private final Map<InetAddress, TokenBucket> admissions = new HashMap<>();
    private @Nullable Server server;
    private @Nullable InetSocketAddress bound;

    ExchangeServer(ExchangeThread thread, ExchangeServing serving) {
        this.thread = thread;
        this.serving = serving;
    }

    /** Where it listens now; empty while the address does not exist here. */
    Optional<InetSocketAddress> bound() {
        return Optional.ofNullable(bound);
    }

    /** Where it listens, if it does: whatever was free where it was bound to port 0. */
    int port() {
        return server == null ? -1 : server.getPort();
    }

    /**
     * Listens on {@code address}, and on nothing else. Idempotent: called again until the address has appeared.
     *
     * @throws IOException where the address is not there (yet) or taken
     */
    void bind(InetSocketAddress address) throws IOException {
        if (address.equals(bound)) {
            return;
        }
        unbind();
        server = NettyServerBuilder.forAddress(address)
                .channelType(NioServerSocketChannel.class)
                .bossEventLoopGroup(thread.network())
                .workerEventLoopGroup(thread.network())
                .withOption(ChannelOption.ALLOCATOR, thread.allocator())
                .withChildOption(ChannelOption.ALLOCATOR, thread.allocator())
                .executor(thread)
                .decompressorRegistry(ExchangeThread.UNCOMPRESSED)
                .maxInboundMessageSize(REQUEST_BYTES)
                .maxInboundMetadataSize(8 * 1024)
                .maxConcurrentCallsPerConnection(2)
                .maxRstFramesPerWindow(20, 10)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .handshakeTimeout(5, TimeUnit.SECONDS)
                .addService(new Watching())
                .intercept(new SourceInterceptor())
                .build()
                .start();
        bound = address;
    }

    void unbind() {
        if (server != null) {
            server.shutdownNow();
            server = null;
            bound = null;
            feeds.clear();
        }
    }

    void drain() {
        feeds.values().forEach(PeerFeed::drain);
    }

    void announce(SignedAnnouncement announcement) {
        feeds.values().forEach(f -> f.announce(announcement));
    }

    void tick(long now, Bounds bounds) {
        boolean behind = serving.behind();
        feeds.values().forEach(f -> f.tick(now, bounds, behind));
    }

    /** Ends the streams of whoever is no peer any more. */
    void dropStrangers() {
        feeds.entrySet().removeIf(e -> {
            if (serving.peerAt(e.getKey()).isPresent()) {
                return false;
            }
            e.getValue().close(Status.PERMISSION_DENIED);
            return true;
        });
        admissions.keySet().removeIf(source -> serving.peerAt(source).isEmpty());
    }

    private void watch(InetAddress source, WatchRequest request, ServerCallStreamObserver<Update> out) {
        Optional<ClusterId> peer = serving.peerAt(source);
        if (peer.isEmpty()) {
            out.onError(Status.PERMISSION_DENIED.asRuntimeException());
            return;
        }
        if (!request.getClusterId().equals(peer.get().value())) {
            serving.refused(
                    peer.get(),
                    Problem.IDENTITY_MISMATCH,
                    "the peer calls itself " + WireReader.shown(request.getClusterId()));
            out.onError(Status.PERMISSION_DENIED
                    .withDescription(Problem.IDENTITY_MISMATCH.reason())
                    .asRuntimeException());
            return;
        }
        if (request.getProtocolMin() > Wire.PROTOCOL || request.getProtocolMax() < Wire.PROTOCOL) {
            serving.refused(
                    peer.get(),
                    Problem.VERSION_SKEW,
                    "the peer speaks protocol " + Integer.toUnsignedString(request.getProtocolMin()) + " to "
                            + Integer.toUnsignedString(request.getProtocolMax()) + ", we speak " + Wire.PROTOCOL);
            out.onError(Status.FAILED_PRECONDITION
                    .withDescription(Problem.VERSION_SKEW.reason())
                    .asRuntimeException());
            return;
        }
        if (!admissions
                .computeIfAbsent(source, s -> new TokenBucket(STREAMS_PER_MINUTE / 60.0, STREAMS_PER_MINUTE))
                .take()) {
            out.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("too many streams")
                    .asRuntimeException());
            return;
        }
        if (request.hasAnnouncement()) {
            serving.heard(peer.get(), request.getAnnouncement());
        }
        boolean sameInstance = request.getInstance().equals(serving.instance());
        PeerFeed feed = new PeerFeed(
                peer.get(),
                serving.instance(),
                serving.ledger(),
                out,
                sameInstance ? Optional.of(request.getSequence()) : Optional.empty());
        PeerFeed before = feeds.put(source, feed);
        if (before != null) {
            before.close(Status.ABORTED.withDescription("replaced by a newer stream"));
        }
        out.setOnReadyHandler(feed::drain);
        out.setOnCancelHandler(() -> feeds.remove(source, feed));
        Hello.Builder hello = Hello.newBuilder()
                .setClusterId(serving.clusterId().value())
                .setProtocol(Wire.PROTOCOL)
                .setVersion(serving.version());
        serving.announcement().ifPresent(a -> hello.setAnnouncement(WireWriter.announcement(a)));
        feed.hello(Update.newBuilder().setHello(hello));
        feed.drain();
    }

    private final class Watching extends ExchangeGrpc.ExchangeImplBase {
        @Override
        public void watch(WatchRequest request, StreamObserver<Update> out) {
            InetAddress source = Objects.requireNonNull(SOURCE.get());
            ExchangeServer.this.watch(source, request, (ServerCallStreamObserver<Update>) out);
        }
    }

    private static final class SourceInterceptor implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            Attributes attributes = call.getAttributes();
            SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
            if (!(remote instanceof InetSocketAddress socket)) {
                call.close(Status.PERMISSION_DENIED, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return Contexts.interceptCall(
                    Context.current().withValue(SOURCE, socket.getAddress()), call, headers, next);
        }
    }
}
