package io.tombolo.dns.server;

import io.tombolo.dns.server.Answerer.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream: queries with two bytes of length before each (RFC 1035 section 4.2.2), split wherever the network
 * likes, several in flight. Answers keep the order of the queries. While the client does not take an answer, nothing
 * more is read from it, so it costs at most one query buffer and one answer.
 */
final class TcpConnection {
    private final SocketChannel channel;
    private final InetAddress client;
    private final Answerer answerer;
    private final TcpLimits limits;
    private final ByteBuffer in;
    private final byte[] query;
    private @Nullable ByteBuffer pending;
    private long deadline;

    TcpConnection(SocketChannel channel, InetAddress client, Answerer answerer, TcpLimits limits, long now) {
        this.channel = channel;
        this.client = client;
        this.answerer = answerer;
        this.limits = limits;
        this.in = ByteBuffer.allocate(2 + limits.queryBytes());
        this.query = new byte[limits.queryBytes()];
        this.deadline = now + limits.patience().toNanos();
    }

    InetAddress client() {
        return client;
    }

    SocketChannel channel() {
        return channel;
    }

    /** Whether the client has yet to take an answer. */
    boolean isBlocked() {
        return pending != null;
    }

    /** @param now System.nanoTime */
    boolean isOverdue(long now) {
        return now - deadline > 0;
    }

    /**
     * Takes what came and answers every whole query in it.
     *
     * @return false where the connection is over
     */
    boolean read(long now) throws IOException {
        int count = channel.read(in);
        return count >= 0 && answerAll(now);
    }

    /**
     * Sends the rest of an answer, then goes on with the queries already here.
     *
     * @return false where the connection is over
     */
    boolean write(long now) throws IOException {
        ByteBuffer rest = pending;
        if (rest != null) {
            channel.write(rest);
            if (rest.hasRemaining()) {
                return true;
            }
            pending = null;
            deadline = now + limits.patience().toNanos();
        }
        return answerAll(now);
    }

    private boolean answerAll(long now) throws IOException {
        in.flip();
        try {
            while (pending == null && in.remaining() >= 2) {
                int length = Short.toUnsignedInt(in.getShort(in.position()));
                if (length > limits.queryBytes()) {
                    return false;
                }
                if (in.remaining() < 2 + length) {
                    return true;
                }
                in.getShort();
                in.get(query, 0, length);
                if (!answer(length, now)) {
                    return false;
                }
            }
            return true;
        } finally {
            in.compact();
        }
    }

    /** What gets no answer over UDP ends the connection here: who sends it does not speak DNS. */
    private boolean answer(int length, long now) throws IOException {
        int size = answerer.answer(query, length, Transport.TCP);
        if (size == 0) {
            return false;
        }
        ByteBuffer answer = ByteBuffer.allocate(2 + size);
        answer.putShort((short) size).put(answerer.bytes(), 0, size).flip();
        channel.write(answer);
        if (answer.hasRemaining()) {
            pending = answer;
        } else {
            deadline = now + limits.patience().toNanos();
        }
        return true;
    }
}
