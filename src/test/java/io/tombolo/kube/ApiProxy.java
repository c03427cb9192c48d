package io.tombolo.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.internal.SSLUtils;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/**
 * Stands between a client and the real API server, and does to them what networks and servers do: goes away, falls silent,
 * swallows events, answers for the server. Watches are websockets, each on a connection of its own; a request of another
 * kind has its own too.
 */
public final class ApiProxy implements AutoCloseable {
    private final Config upstream = Config.fromKubeconfig(RealApiServer.shared().kubeconfig());
    private final SSLContext tls;
    private final URI server = URI.create(upstream.getMasterUrl());
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger silence = new AtomicInteger();
    private final int port;
    private final ServerSocket listening;
    private volatile boolean down;
    private volatile boolean swallowsDeletions;

    /** Instead of the server's: for a request whose first line it fits. */
    private record Answer(Predicate<String> fits, int status, String body) {}

    public ApiProxy() throws Exception {
        tls = SSLUtils.sslContext(upstream);
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        port = listening.getLocalPort();
        accept(listening);
    }

    /** A client of the admin's through here. The caller closes it. */
    public KubernetesClient client() {
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + port)
                .withOauthToken(upstream.getAutoOAuthToken())
                .withRequestTimeout(5000)
                .withConnectionTimeout(5000)
                .withRequestRetryBackoffLimit(0)
                .withWatchReconnectLimit(0)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** The next request whose first line fits is answered so, and not passed on. */
    public void answerOnce(Predicate<String> fits, int status, String body) {
        answers.add(new Answer(fits, status, body));
    }

    /** How many of the answers were not given yet. */
    public int answersLeft() {
        return answers.size();
    }

    /** The server's events of deletion are lost from now on, on every watch; others pass. */
    public void swallowDeletions(boolean now) {
        swallowsDeletions = now;
    }

    /** Nothing passes on the connections that are open, and nothing says so; new ones are whole. */
    public void silence() {
        silence.incrementAndGet();
    }

    /** Every connection ends. */
    public void breakConnections() {
        open.forEach(ApiProxy::closeQuietly);
    }

    /** Ends every connection, and each new one at once. The port stays ours: somebody else would have it meanwhile. */
    public void down() {
        down = true;
        breakConnections();
    }

    public void up() {
        down = false;
    }

    private void accept(ServerSocket on) {
        Thread.ofVirtual().start(() -> {
            while (!on.isClosed()) {
                try {
                    Socket near = on.accept();
                    open.add(near);
                    if (down) {
                        near.close();
                        open.remove(near);
                        continue;
                    }
                    Thread.ofVirtual().start(() -> serve(near));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    private void serve(Socket near) {
        int born = silence.get();
        try (near;
                Socket far = tls.getSocketFactory().createSocket(server.getHost(), server.getPort())) {
            open.add(far);
            String head = head(near.getInputStream());
            String line = head.substring(0, head.indexOf("\r\n"));
            Optional<Answer> instead =
                    answers.stream().filter(a -> a.fits().test(line)).findFirst();
            if (instead.isPresent() && answers.remove(instead.get())) {
                answer(near.getOutputStream(), instead.get());
                return;
            }
            boolean websocket = head.toLowerCase(java.util.Locale.ROOT).contains("\r\nupgrade: websocket");
            String passed = websocket ? head : head.replaceFirst("\r\n", "\r\nConnection: close\r\n");
            far.getOutputStream().write(passed.getBytes(StandardCharsets.ISO_8859_1));
            Thread.ofVirtual().start(() -> copy(near, far, born));
            if (websocket) {
                copyFrames(far.getInputStream(), near.getOutputStream(), born);
            } else {
                copy(far, near, born);
            }
        } catch (IOException e) {
            // the connection is over, whoever ended it
        }
        open.remove(near);
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException();
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    private static void answer(OutputStream out, Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        String head =
                "HTTP/1.1 " + answer.status() + " by proxy\r\nContent-Type: application/json\r\nConnection: close\r\n"
                        + "Content-Length: " + body.length + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    private void copy(Socket from, Socket to, int born) {
        try (from;
                to) {
            byte[] buffer = new byte[65_536];
            InputStream in = from.getInputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (silence.get() == born) {
                    to.getOutputStream().write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            // the connection is over, whoever ended it
        }
    }

    /** RFC 6455, section 5.2; a server masks nothing, and the API server does not cut its messages. */
    private void copyFrames(InputStream from, OutputStream to, int born) throws IOException {
        DataInputStream in = new DataInputStream(from);
        to.write(head(in).getBytes(StandardCharsets.ISO_8859_1));
        while (true) {
            ByteArrayOutputStream frame = new ByteArrayOutputStream();
            frame.write(in.readUnsignedByte());
            int length = in.readUnsignedByte();
            frame.write(length);
            if (length >= 126) {
                byte[] longer = in.readNBytes(length == 126 ? 2 : 8);
                frame.write(longer);
                length = new java.math.BigInteger(1, longer).intValueExact();
            }
            byte[] payload = in.readNBytes(length);
            frame.write(payload);
            boolean deletion = new String(payload, StandardCharsets.UTF_8).startsWith("{\"type\":\"DELETED\"");
            if (silence.get() == born && !(deletion && swallowsDeletions)) {
                frame.writeTo(to);
                to.flush();
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        down();
    }
}
