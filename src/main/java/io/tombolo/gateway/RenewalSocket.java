package io.tombolo.gateway;

import io.tombolo.gateway.preshared.RenewalMessage;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Where the other ends of our lanes are spoken to, on our own tunnel address. For one thread. */
final class RenewalSocket implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RenewalSocket.class.getName());

    private final ByteBuffer buffer = ByteBuffer.allocate(RenewalMessage.MOST_BYTES + 1);
    private final Selector selector;
    private @Nullable DatagramChannel channel;

    RenewalSocket() throws IOException {
        selector = Selector.open();
    }

    /** Returns when something came, or then. */
    void await(long millis) throws IOException {
        selector.select(millis);
        selector.selectedKeys().clear();
    }

    /** @param own what to be bound to; the address may appear later, with the first lane: call again */
    void bind(Optional<InetSocketAddress> own) throws IOException {
        if (channel != null && own.equals(Optional.ofNullable(channel.getLocalAddress()))) {
            return;
        }
        unbind();
        if (own.isPresent()) {
            DatagramChannel fresh = DatagramChannel.open(StandardProtocolFamily.INET6);
            try {
                fresh.configureBlocking(false);
                fresh.bind(own.get());
                fresh.register(selector, SelectionKey.OP_READ);
                channel = fresh;
            } catch (IOException e) {
                fresh.close();
                LOG.log(Level.DEBUG, "keys cannot be renewed from {0} yet: {1}", own.get(), e.getMessage());
            }
        }
    }

    void unbind() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing the renewal socket", e);
            }
            channel = null;
        }
    }

    /** Everything that has come, and from where; what is no message is dropped. */
    void receive(BiConsumer<InetSocketAddress, RenewalMessage> received) throws IOException {
        while (channel != null) {
            buffer.clear();
            if (!(channel.receive(buffer) instanceof InetSocketAddress from)) {
                return;
            }
            buffer.flip();
            RenewalMessage.decode(buffer).ifPresent(message -> received.accept(from, message));
        }
    }

    void send(InetSocketAddress to, RenewalMessage message) {
        if (channel == null) {
            return;
        }
        try {
            channel.send(ByteBuffer.wrap(message.encode()), to);
        } catch (IOException e) {
            LOG.log(Level.TRACE, "{0}: {1}", to, e.getMessage()); // said again, as if it were lost
        }
    }

    @Override
    public void close() throws IOException {
        unbind();
        selector.close();
    }
}
