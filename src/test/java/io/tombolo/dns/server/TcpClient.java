package io.tombolo.dns.server;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** Asks over TCP, politely or not. */
final class TcpClient implements AutoCloseable {
    private final Socket socket;

    private TcpClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(10_000);
    }

    static TcpClient connect(int port) throws IOException {
        return new TcpClient(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Source and destination are {@code address}. */
    static TcpClient connectWithin(InetAddress address, int port) throws IOException {
        return new TcpClient(new Socket(address, port, address, 0));
    }

    /** From {@code source} to 127.0.0.1. */
    static TcpClient connectFrom(String source, int port) throws IOException {
        return new TcpClient(new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.ofLiteral(source), 0));
    }

    /** Takes little before the sender has to wait. */
    static TcpClient connectWithSmallBuffer(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new TcpClient(socket);
    }

    /** The message behind its length. */
    static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(message.length + 2)
                .putShort((short) message.length)
                .put(message)
                .array();
    }

    TestReply ask(byte[] query) throws IOException {
        send(framed(query));
        return read();
    }

    void send(byte... bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    void sendNoMore() throws IOException {
        socket.shutdownOutput();
    }

    TestReply read() throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] reply = new byte[in.readUnsignedShort()];
        in.readFully(reply);
        return TestReply.parse(reply);
    }

    /** Whether the server ends the connection, and with nothing more to read, before 10 s have passed. */
    boolean isEnded() {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset: closed with our bytes unread
        }
    }

    long bytesUntilEnd() {
        long bytes = 0;
        try {
            byte[] buffer = new byte[65536];
            for (int n = 0; n >= 0; n = socket.getInputStream().read(buffer)) {
                bytes += n;
            }
        } catch (IOException e) {
            return bytes; // reset: the server closed with answers unsent
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
