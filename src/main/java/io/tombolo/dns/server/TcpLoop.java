package io.tombolo.dns.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One loop over all TCP connections. */
final class TcpLoop implements Runnable {
    private static final System.Logger LOG = System.getLogger(TcpLoop.class.getName());
    private static final int SWEEP_MILLIS = 250;

    private final Selector selector;
    private final Answerer answerer;
    private final ServedZone served;
    private final TcpLimits limits;
    private final Map<InetAddress, Integer> perClient = new HashMap<>();
    private volatile int connections;

    TcpLoop(ServerSocketChannel listener, Answerer answerer, ServedZone served, TcpLimits limits) throws IOException {
        this.answerer = answerer;
        this.served = served;
        this.limits = limits;
        this.selector = Selector.open();
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    @Override
    public void run() {
        long swept = System.nanoTime();
        try {
            while (selector.isOpen()) {
                selector.select(this::ready, SWEEP_MILLIS);
                long now = System.nanoTime();
                if (now - swept > SWEEP_MILLIS * 1_000_000L) {
                    swept = now;
                    sweep(now);
                }
            }
        } catch (ClosedSelectorException e) {
            LOG.log(Level.DEBUG, "tcp: stopped", e);
        } catch (IOException e) {
            LOG.log(Level.ERROR, "tcp: the selector failed; restart the process", e);
        }
    }

    /** Ends the loop and every connection. */
    void stop() throws IOException {
        for (SelectionKey key : List.copyOf(selector.keys())) {
            key.channel().close();
        }
        selector.close();
    }

    private void ready(SelectionKey key) {
        try {
            if (key.attachment() instanceof TcpConnection connection) {
                serve(key, connection);
            } else if (key.channel() instanceof ServerSocketChannel listener) {
                accept(listener);
            }
        } catch (IOException | RuntimeException e) {
            // clients go away as they like; what is theirs goes with them
            LOG.log(Level.DEBUG, "tcp: a connection ended", e);
            if (key.attachment() instanceof TcpConnection connection) {
                close(key, connection);
            }
        }
    }

    private void accept(ServerSocketChannel listener) throws IOException {
        SocketChannel channel = listener.accept();
        if (channel == null) {
            return;
        }
        try {
            InetAddress client = ((InetSocketAddress) channel.getRemoteAddress()).getAddress();
            if (!served.sources().allows(client)
                    || connections >= limits.connections()
                    || perClient.getOrDefault(client, 0) >= limits.perClient()) {
                channel.close();
                return;
            }
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            TcpConnection connection = new TcpConnection(channel, client, answerer, limits, System.nanoTime());
            channel.register(selector, SelectionKey.OP_READ, connection);
            perClient.merge(client, 1, Integer::sum);
            count(1);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void serve(SelectionKey key, TcpConnection connection) throws IOException {
        long now = System.nanoTime();
        boolean open = connection.isBlocked() ? connection.write(now) : connection.read(now);
        if (open) {
            key.interestOps(connection.isBlocked() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
        } else {
            close(key, connection);
        }
    }

    /** Open now. */
    int connections() {
        return connections;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only this loop's thread writes; others read the gauge
    private void count(int change) {
        connections += change;
    }

    private void sweep(long now) {
        for (SelectionKey key : List.copyOf(selector.keys())) {
            if (key.attachment() instanceof TcpConnection connection && connection.isOverdue(now)) {
                close(key, connection);
            }
        }
    }

    private void close(SelectionKey key, TcpConnection connection) {
        key.attach(null);
        key.cancel();
        count(-1);
        perClient.computeIfPresent(connection.client(), (c, count) -> count == 1 ? null : count - 1);
        try {
            connection.channel().close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "tcp: closing a connection", e);
        }
    }
}
