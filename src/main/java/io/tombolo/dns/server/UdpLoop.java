package io.tombolo.dns.server;

import io.tombolo.dns.server.Answerer.Transport;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Set;

/** One blocking loop over one socket: receive, answer, send. */
final class UdpLoop implements Runnable {
    private static final System.Logger LOG = System.getLogger(UdpLoop.class.getName());

    private final DatagramChannel channel;
    private final Answerer answerer;
    private final ServedZone served;
    private final Set<InetAddress> ownAddresses;
    private final int ownPort;
    private final ByteBuffer in = ByteBuffer.allocateDirect(Wire.MAX_TCP);
    private final ByteBuffer out = ByteBuffer.allocateDirect(Wire.MAX_UDP);
    private final byte[] query = new byte[Wire.MAX_TCP];

    /** @param ownAddresses of this machine: what seems to come from our own socket gets no answer, or we answer us */
    UdpLoop(DatagramChannel channel, Answerer answerer, ServedZone served, Set<InetAddress> ownAddresses)
            throws IOException {
        this.channel = channel;
        this.answerer = answerer;
        this.served = served;
        this.ownAddresses = ownAddresses;
        this.ownPort = ((InetSocketAddress) channel.getLocalAddress()).getPort();
    }

    @Override
    public void run() {
        while (channel.isOpen()) {
            try {
                in.clear();
                if (channel.receive(in) instanceof InetSocketAddress source && mayAnswer(source)) {
                    in.flip();
                    int length = in.remaining();
                    in.get(query, 0, length);
                    reply(length, source);
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException | RuntimeException e) {
                // one client's packet, or an ICMP error one brought about, must not end the service of the others
                LOG.log(Level.WARNING, "udp: a query was not answered", e);
            }
        }
    }

    private void reply(int length, InetSocketAddress source) throws IOException {
        int size = answerer.answer(query, length, Transport.UDP);
        if (size > 0) {
            out.clear().put(answerer.bytes(), 0, size).flip();
            channel.send(out, source);
        }
    }

    private boolean mayAnswer(InetSocketAddress source) {
        return mayAnswer(source, ownPort, ownAddresses) && served.sources().allows(source.getAddress());
    }

    static boolean mayAnswer(InetSocketAddress source, int ownPort, Set<InetAddress> ownAddresses) {
        return source.getPort() != 0 && !(source.getPort() == ownPort && ownAddresses.contains(source.getAddress()));
    }
}
