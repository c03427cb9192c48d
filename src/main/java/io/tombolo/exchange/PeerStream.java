package io.tombolo.exchange;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.tombolo.exchange.wire.ExchangeGrpc;
import io.tombolo.exchange.wire.Hello;
import io.tombolo.exchange.wire.Update;
import io.tombolo.exchange.wire.WatchRequest;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The stream from one peer: dialled, judged, given up when silent, dialled again. On the exchange's thread only. */
final class PeerStream {
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 5_000;
    /** A stream that lasted this long was sound: the next is dialled at once. */
    private static final long SOUND_NANOS = 5_000_000_000L;
    /** A stream that lasted this long does not repeat what ended the one before. */
    private static final long LASTING_NANOS = 1_000_000_000L;

    private static final long FIRST_RESYNC_NANOS = 1_000_000_000L;
    private static final long LAST_RESYNC_NANOS = 300_000_000_000L;

    /** What the stream needs from outside, and whom it tells. */
    interface Home {
        WatchRequest.Builder request();

        void changed(HeldExports peer, Set<NamespacedName> names);

        void heard(HeldExports peer, io.tombolo.exchange.wire.SignedAnnouncement announcement);

        void streamChanged(HeldExports peer);
    }

    private final ExchangeThread thread;
    private final Home home;
    private final HeldExports held;
    private final Bounds bounds;
    private final TokenBucket rate;
    private @Nullable Target target;
    private @Nullable Connection connection;
    private long retryMillis = FIRST_RETRY_MILLIS;
    private boolean retryScheduled;
    private long resyncNanos = FIRST_RESYNC_NANOS;

    private record Target(InetSocketAddress from, InetSocketAddress to) {}

    PeerStream(ExchangeThread thread, Home home, HeldExports held, Bounds bounds) {
        this.thread = thread;
        this.home = home;
        this.held = held;
        this.bounds = bounds;
        this.rate = new TokenBucket(bounds.changesPerSecond(), bounds.burst());
    }

    HeldExports held() {
        return held;
    }

    /** Streams from one of the live {@code slots}; stays where it is while that one lives. Idempotent. */
    void aim(InetSocketAddress from, Peer peer, SortedSet<Integer> slots, TunnelSockets sockets) {
        Target now = target;
        for (int slot : slots) {
            if (new Target(from, sockets.of(peer.address(), slot)).equals(now)) {
                return;
            }
        }
        aim(from, sockets.of(peer.address(), slots.first()));
    }

    /** Streams from there. */
    void aim(InetSocketAddress from, InetSocketAddress to) {
        target = new Target(from, to);
        retryMillis = FIRST_RETRY_MILLIS;
        dial();
    }

    void close() {
        target = null;
        hangUp("closed");
    }

    /** Once a second: gives up on a stream that brings nothing whole. */
    void tick(long now) {
        Connection c = connection;
        if (c == null) {
            return;
        }
        if (!c.throttled && now - c.lastHeard > bounds.silence().toNanos()) {
            lose(Finding.of(
                    Problem.STALE, "nothing was heard for " + bounds.silence().toSeconds() + " s"));
        } else if (held.inSnapshot()
                && now - c.snapshotBegan > bounds.snapshot().toNanos()) {
            lose(Finding.of(
                    Problem.SNAPSHOT_REJECTED,
                    "a snapshot took longer than " + bounds.snapshot().toSeconds() + " s"));
        } else if (c.greeted && !held.inSnapshot() && now - c.began > LASTING_NANOS) {
            if (held.lasts()) {
                home.changed(held, Set.of());
            }
            resync(c, now);
        }
    }

    /** What had no room is not sent again by itself: asks for all of it where some went since, ever more seldom. */
    private void resync(Connection c, long now) {
        if (!held.lacks()) {
            resyncNanos = FIRST_RESYNC_NANOS;
        } else if (c.tookRemoval && now - c.began > resyncNanos) {
            resyncNanos = Math.min(LAST_RESYNC_NANOS, resyncNanos * 2);
            held.askForSnapshot();
            dial();
        }
    }

    private void dial() {
        Target to = target;
        if (to == null) {
            return;
        }
        hangUp("dialling anew");
        connection = new Connection(to);
    }

    private void hangUp(String why) {
        Connection c = connection;
        connection = null;
        if (c != null) {
            c.call.cancel(why, null);
            c.channel.shutdownNow();
        }
    }

    private void lose(Finding why) {
        Connection c = connection;
        if (c != null && System.nanoTime() - c.began > SOUND_NANOS) {
            retryMillis = FIRST_RETRY_MILLIS;
        }
        hangUp("lost");
        if (held.lost(why)) {
            home.streamChanged(held);
        }
        if (target != null && !retryScheduled) {
            retryScheduled = true;
            // half to whole: two clusters of many gateways do not dial in step
            thread.schedule(
                    () -> {
                        retryScheduled = false;
                        if (connection == null) {
                            dial();
                        }
                    },
                    retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis / 2 + 1));
            retryMillis = Math.min(LAST_RETRY_MILLIS, retryMillis * 2);
        }
    }

    private final class Connection extends ClientCall.Listener<Update> {
        final ManagedChannel channel;
        final ClientCall<WatchRequest, Update> call;
        final long began = System.nanoTime();
        long lastHeard = began;
        long snapshotBegan;
        boolean greeted;
        /** Since the stream began, something went: there may be room for what had none. */
        boolean tookRemoval;
        /** We, not the peer, hold the stream up. */
        boolean throttled;

        @SuppressWarnings("this-escape") // gRPC calls back on our own thread only, after the constructor
        Connection(Target target) {
            channel = NettyChannelBuilder.forAddress(target.to())
                    .channelType(NioSocketChannel.class, InetSocketAddress.class)
                    .eventLoopGroup(thread.network())
                    .withOption(ChannelOption.ALLOCATOR, thread.allocator())
                    .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 3_000)
                    .localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                        @Override
                        public InetSocketAddress createSocketAddress(
                                java.net.SocketAddress remote, io.grpc.Attributes attributes) {
                            return target.from();
                        }
                    })
                    .proxyDetector(address -> null)
                    .usePlaintext() // inside WireGuard
                    .disableRetry()
                    .executor(thread)
                    .offloadExecutor(thread)
                    .decompressorRegistry(ExchangeThread.UNCOMPRESSED)
                    .maxInboundMessageSize(bounds.messageBytes())
                    .maxInboundMetadataSize(8 * 1024)
                    .keepAliveTime(10, TimeUnit.SECONDS)
                    .keepAliveTimeout(5, TimeUnit.SECONDS)
                    .build();
            call = channel.newCall(ExchangeGrpc.getWatchMethod(), CallOptions.DEFAULT);
            call.start(this, new Metadata());
            call.sendMessage(home.request()
                    .setInstance(held.instance())
                    .setSequence(held.sequence())
                    .build());
            call.halfClose();
            call.request(1);
        }

        @Override
        public void onMessage(Update update) {
            if (connection != this) {
                return;
            }
            lastHeard = System.nanoTime();
            try {
                take(update);
                requestNext();
            } catch (BrokenStreamException e) {
                lose(e.finding());
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (connection == this) {
                lose(StreamEnd.of(status));
            }
        }

        private void take(Update update) throws BrokenStreamException {
            if (!greeted) {
                greet(update);
                return;
            }
            switch (update.getContentCase()) {
                case ANNOUNCEMENT -> home.heard(held, update.getAnnouncement());
                case KEEP_ALIVE -> {
                    if (held.behind(update.getKeepAlive().getBehind())) {
                        home.streamChanged(held);
                    }
                }
                case HELLO -> throw new BrokenStreamException(Problem.SNAPSHOT_REJECTED, "", "a second hello");
                case SNAPSHOT_BEGIN, SNAPSHOT_END, SERVICE, SERVICE_REMOVED, ENDPOINTS, CONTENT_NOT_SET -> {
                    if (update.hasSnapshotBegin()) {
                        snapshotBegan = lastHeard;
                    }
                    tookRemoval |=
                            update.hasServiceRemoved() || update.getEndpoints().getRemovedCount() > 0;
                    int complaints = held.complaintsRevision();
                    Set<NamespacedName> changed = held.take(update);
                    if (update.hasSnapshotEnd()) {
                        home.streamChanged(held);
                    }
                    if (!changed.isEmpty() || complaints != held.complaintsRevision()) {
                        home.changed(held, changed);
                    }
                }
            }
        }

        private void greet(Update update) throws BrokenStreamException {
            Hello hello = update.getHello();
            if (!update.hasHello()) {
                throw new BrokenStreamException(Problem.SNAPSHOT_REJECTED, "", "the stream begins without a hello");
            }
            if (!hello.getClusterId().equals(held.cluster().value())) {
                throw new BrokenStreamException(
                        Problem.IDENTITY_MISMATCH,
                        "hello.cluster_id",
                        "the peer calls itself " + WireReader.shown(hello.getClusterId()));
            }
            if (hello.getProtocol() != Wire.PROTOCOL) {
                throw new BrokenStreamException(
                        Problem.VERSION_SKEW,
                        "hello.protocol",
                        "the peer chose protocol " + Integer.toUnsignedString(hello.getProtocol()));
            }
            greeted = true;
            held.connected(printable(hello.getVersion()));
            if (hello.hasAnnouncement()) {
                home.heard(held, hello.getAnnouncement());
            }
            home.streamChanged(held);
        }

        private void requestNext() {
            if (connection != this) {
                return;
            }
            throttled = !rate.take();
            if (throttled) {
                thread.schedule(this::requestNext, 10);
            } else {
                lastHeard = System.nanoTime();
                call.request(1);
            }
        }

        /** A version as a label of at most 63 characters, or nothing. */
        private static String printable(String version) {
            return version.matches("[A-Za-z0-9][-A-Za-z0-9._+]{0,62}") ? version : "";
        }
    }
}
