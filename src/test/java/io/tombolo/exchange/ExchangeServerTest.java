package io.tombolo.exchange;

import static io.tombolo.exchange.HostilePeer.SOON;
import static io.tombolo.exchange.Loopback.service;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.tombolo.exchange.wire.ExchangeGrpc;
import io.tombolo.exchange.wire.Update;
import io.tombolo.exchange.wire.WatchRequest;
import io.tombolo.problem.Problem;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Iterator;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Who is answered, and with how many bytes. */
@Execution(ExecutionMode.CONCURRENT)
class ExchangeServerTest {
    private final HostilePeer peer = new HostilePeer();

    @AfterEach
    void close() {
        peer.close();
    }

    @Test
    void answersNobodyButLinkedClusters() throws Exception {
        peer.exchange.complete();
        peer.exchange.update(peer.west.linkedTo(peer.east), Map.of());
        assertEquals(Status.Code.PERMISSION_DENIED, ask("127.0.0.1", "east"));
    }

    @Test
    void answersAPeerOnlyUnderItsOwnName() throws Exception {
        peer.exchange.complete();
        peer.exchange.update(peer.west.linkedTo(peer.east), Map.of());
        String source = peer.east.socket().getAddress().getHostAddress();
        assertEquals(Status.Code.PERMISSION_DENIED, ask(source, "north"));
        peer.awaitFinding(Problem.IDENTITY_MISMATCH);
        assertEquals(Status.Code.OK, ask(source, "east"));
    }

    @Test
    void oneEndpointChangeIsBelowAKibibyteWhateverTheServicesSize() throws Exception {
        peer.exchange.complete();
        peer.exchange.export(service("web", 1_000));
        peer.exchange.update(peer.west.linkedTo(peer.east), Map.of());
        ManagedChannel channel = channel(peer.east.socket().getAddress().getHostAddress());
        try {
            Iterator<Update> stream = watch(channel, "east");
            Update last = stream.next();
            while (!last.hasSnapshotEnd()) {
                last = stream.next();
            }
            peer.exchange.export(service("web", 1_001));
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
        return NettyChannelBuilder.forAddress(peer.west.socket())
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
