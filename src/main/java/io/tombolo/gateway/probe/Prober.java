package io.tombolo.gateway.probe;

import io.tombolo.net.Addresses;
import io.tombolo.plan.tunnel.Wire;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Probes every lane of this gateway, on a thread that does nothing else. When that thread itself wakes late, the time it
 * slept counts for nobody: our own pause is not the peer's death.
 */
public final class Prober implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Prober.class.getName());

    /** Death is seen within a second. While a cluster has one gateway there is nowhere faster to move to. */
    private static final Duration INTERVAL = Duration.ofMillis(200);
    /** Of all probes of this gateway together. */
    private static final int PER_SECOND = 2_000;

    /** A wake-up that late is our own fault. */
    private static final long LATE = INTERVAL.toNanos() / 2;

    private static final long REBIND = Duration.ofMillis(100).toNanos();

    private final Runnable changed;
    private final long incarnation = new SecureRandom().nextLong();
    private final Map<PathKey, ProbeSession> sessions = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(512);
    private final Selector selector;
    private final Thread thread;
    private Targets current = new Targets(Optional.empty(), Map.of());
    private Map<InetAddress, PathKey> sources = Map.of();
    private @Nullable DatagramChannel channel;
    private long nextBind;
    private volatile Targets wanted = new Targets(Optional.empty(), Map.of());
    private volatile boolean serving = true;
    private volatile boolean closed;
    private volatile SortedMap<PathKey, Path> paths = Collections.emptySortedMap();

    private record Targets(Optional<InetAddress> own, Map<PathKey, InetAddress> lanes) {}

    /**
     * A lane as the probes see it.
     *
     * @param rttNanos smoothed round trip; empty before the first
     */
    public record Path(PathState state, OptionalLong rttNanos) {}

    /** @param changed called on the probing thread after a path changed its state: return at once */
    public Prober(Runnable changed) throws IOException {
        this.changed = changed;
        selector = Selector.open();
        thread = Thread.ofPlatform().name("probe").daemon().start(this::loop);
    }

    /**
     * @param own the tunnel address of our lanes
     * @param lanes where each lane ends
     */
    public void update(InetAddress own, Map<PathKey, InetAddress> lanes) {
        wanted = new Targets(Optional.of(own), Map.copyOf(lanes));
        selector.wakeup();
    }

    /** Whether this slot serves, or drains. */
    public void serving(boolean now) {
        serving = now;
    }

    /** All lanes, as they are now. */
    public SortedMap<PathKey, Path> paths() {
        return paths;
    }

    private void loop() {
        long planned = System.nanoTime();
        while (!closed) {
            try {
                long now = System.nanoTime();
                follow(now);
                bind(now);
                // what lies in the socket was heard, however late we look
                receive();
                now = System.nanoTime();
                long late = now - planned;
                if (late > LATE) {
                    sessions.values().forEach(s -> s.slept(late));
                }
                planned = send(now);
                publish();
                long wait = Math.max(
                        1, Duration.ofNanos(planned - System.nanoTime()).toMillis());
                selector.select(wait);
                selector.selectedKeys().clear();
            } catch (IOException | RuntimeException e) {
                LOG.log(Level.WARNING, "probing goes on after an error", e);
                unbind();
                planned = System.nanoTime();
            }
        }
        unbind();
    }

    private void follow(long now) {
        Targets next = wanted;
        if (next.equals(current)) {
            return;
        }
        if (!next.own().equals(current.own())) {
            unbind();
        }
        current = next;
        sessions.keySet().retainAll(next.lanes().keySet());
        long interval = Math.max(
                INTERVAL.toNanos(), next.lanes().size() * Duration.ofSeconds(1).toNanos() / PER_SECOND);
        next.lanes().keySet().forEach(key -> sessions.computeIfAbsent(
                        key, _ -> new ProbeSession(incarnation, interval, now))
                .interval(interval));
        Map<InetAddress, PathKey> by = new HashMap<>();
        next.lanes().forEach((key, address) -> by.put(address, key));
        sources = by;
    }

    /** The address appears with the first lane; until then there is nothing to probe. */
    private void bind(long now) throws IOException {
        if (channel != null || current.own().isEmpty() || sessions.isEmpty() || now < nextBind) {
            return;
        }
        DatagramChannel fresh = DatagramChannel.open(StandardProtocolFamily.INET6);
        try {
            fresh.configureBlocking(false);
            fresh.bind(new InetSocketAddress(current.own().get(), Wire.PROBE_UDP_PORT));
            fresh.register(selector, SelectionKey.OP_READ);
            channel = fresh;
        } catch (IOException e) {
            fresh.close();
            nextBind = now + REBIND;
            LOG.log(
                    Level.DEBUG,
                    "cannot probe from {0} yet: {1}",
                    Addresses.text(current.own().get()),
                    e.getMessage());
        }
    }

    private void unbind() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing the probe socket", e);
            }
            channel = null;
        }
    }

    private void receive() throws IOException {
        if (channel == null) {
            return;
        }
        while (true) {
            buffer.clear();
            if (!(channel.receive(buffer) instanceof InetSocketAddress from)) {
                return;
            }
            buffer.flip();
            PathKey key = sources.get(from.getAddress());
            ProbeSession session = key == null ? null : sessions.get(key);
            if (session == null || key == null) {
                continue;
            }
            Optional<ProbeMessage> message = ProbeMessage.decode(buffer);
            long now = System.nanoTime();
            if (message.isPresent() && session.received(message.get(), now)) {
                transmit(key, session, now);
            }
        }
    }

    /** @return when to wake up next */
    private long send(long now) {
        long next = now + INTERVAL.toNanos();
        for (Map.Entry<PathKey, ProbeSession> entry : sessions.entrySet()) {
            ProbeSession session = entry.getValue();
            if (session.due(now)) {
                transmit(entry.getKey(), session, now);
            }
            next = Math.min(next, session.nextSend());
        }
        return next;
    }

    private void transmit(PathKey key, ProbeSession session, long now) {
        InetAddress to = current.lanes().get(key);
        if (channel == null || to == null) {
            return;
        }
        buffer.clear();
        session.message(serving, now).encode(buffer);
        buffer.flip();
        try {
            channel.send(buffer, new InetSocketAddress(to, Wire.PROBE_UDP_PORT));
        } catch (IOException e) {
            // no route while a device is being made, or WireGuard without an endpoint: silence says the same
            LOG.log(Level.TRACE, "probe to {0}: {1}", key, e.getMessage());
        }
    }

    private void publish() {
        SortedMap<PathKey, Path> now = new TreeMap<>();
        sessions.forEach((key, session) -> now.put(key, new Path(session.state(), session.rtt())));
        boolean differs = now.size() != paths.size()
                || now.entrySet().stream().anyMatch(e -> {
                    Path before = paths.get(e.getKey());
                    return before == null || !before.state().equals(e.getValue().state());
                });
        paths = Collections.unmodifiableSortedMap(now);
        if (differs) {
            changed.run();
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        selector.close();
    }
}
