package io.tombolo.probe;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * What probes are sent from and heard on: a socket that comes when its address does, and goes after any error. Not
 * thread-safe, but for {@link #wakeup}.
 */
final class ProbeSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ProbeSocket.class.getName());

    private static final int MOST_BYTES = 1 << 16;
    private static final int UDP_HEADER = 8;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    private static final long REBIND = Duration.ofMillis(100).toNanos();

    private final ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES);
    private final Selector selector;
    private @Nullable DatagramChannel channel;
    private long nextBind;

    ProbeSocket() throws IOException {
        selector = Selector.open();
    }

    /** The address may appear later, with the first lane; until then nothing is sent or heard, and it is tried again. */
    void bind(InetSocketAddress own, long now) throws IOException {
        if (channel != null || now < nextBind) {
            return;
        }
        DatagramChannel fresh = DatagramChannel.open(
                own.getAddress() instanceof Inet4Address ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6);
        try {
            fresh.configureBlocking(false);
            // a packet that is too large for a route or device is an error here, and is not sent in fragments
            fresh.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
            fresh.bind(own);
            fresh.register(selector, SelectionKey.OP_READ);
            channel = fresh;
        } catch (IOException e) {
            fresh.close();
            nextBind = now + REBIND;
            LOG.log(Level.DEBUG, "cannot probe from {0} yet: {1}", own, e.getMessage());
        }
    }

    void unbind() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing the probe socket", e);
            }
            channel = null;
        }
    }

    /** Returns when something may have come, when {@link #wakeup} is called, or after so many milliseconds. */
    void await(long millis) throws IOException {
        selector.select(millis);
        selector.selectedKeys().clear();
    }

    /** Ends {@link #await}, from any thread. */
    void wakeup() {
        selector.wakeup();
    }

    /**
     * Hands out every probe that has come; returns at once.
     *
     * @param known whose packets are looked at
     */
    void receive(Predicate<InetSocketAddress> known, BiConsumer<InetSocketAddress, ProbeMessage> receiver)
            throws IOException {
        if (channel == null) {
            return;
        }
        while (true) {
            buffer.clear();
            if (!(channel.receive(buffer) instanceof InetSocketAddress from)) {
                return;
            }
            if (known.test(from)) {
                buffer.flip();
                Optional<ProbeMessage> message = ProbeMessage.decode(buffer);
                message.ifPresent(m -> receiver.accept(from, m));
            }
        }
    }

    /** @param size bytes of the packet, at least; what the message says goes in whole */
    void send(ProbeMessage message, int size, InetSocketAddress to) {
        if (channel == null) {
            return;
        }
        boolean ipv4 = to.getAddress() instanceof Inet4Address;
        int length = size - UDP_HEADER - (ipv4 ? IPV4_HEADER : IPV6_HEADER);
        buffer.clear();
        message.encode(buffer);
        while (buffer.position() < length) {
            buffer.put((byte) 0);
        }
        buffer.flip();
        try {
            channel.send(buffer, to);
        } catch (IOException e) {
            // no route while a device is being made, or WireGuard without an endpoint: silence says the same
            LOG.log(Level.TRACE, "probe to {0}: {1}", to, e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        selector.close();
    }
}
