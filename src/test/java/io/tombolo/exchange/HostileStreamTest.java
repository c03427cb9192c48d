package io.tombolo.exchange;

import static io.tombolo.exchange.HostilePeer.SOON;
import static io.tombolo.exchange.HostilePeer.greet;
import static io.tombolo.exchange.HostilePeer.hello;
import static io.tombolo.exchange.HostilePeer.snapshot;
import static io.tombolo.exchange.HostilePeer.update;
import static io.tombolo.exchange.HostilePeer.wire;
import static io.tombolo.exchange.Loopback.name;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.tombolo.exchange.wire.Hello;
import io.tombolo.exchange.wire.KeepAlive;
import io.tombolo.exchange.wire.SnapshotBegin;
import io.tombolo.exchange.wire.SnapshotEnd;
import io.tombolo.problem.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a linked cluster that means harm can misuse its stream, and what it gets (bad-input rows 66, 71-73; T25). */
@Execution(ExecutionMode.CONCURRENT)
class HostileStreamTest {
    private final HostilePeer peer = new HostilePeer();

    @AfterEach
    void close() {
        peer.close();
    }

    private void assertKept() {
        assertEquals(Set.of(name("web")), peer.heard().names());
    }

    @Test
    void row73RefusesAPeerThatCallsItselfAnother() throws IOException {
        peer.play(out -> out.onNext(hello("north")));
        peer.awaitFinding(Problem.IDENTITY_MISMATCH);
        assertTrue(peer.heard().stale());
    }

    @Test
    void row71RefusesAProtocolItDoesNotSpeak() throws IOException {
        peer.play(out -> out.onNext(update(0)
                .setHello(Hello.newBuilder().setClusterId("east").setProtocol(9))
                .build()));
        peer.awaitFinding(Problem.VERSION_SKEW);
    }

    @Test
    void row71KeepsWhatItHeardWhenASequenceIsRepeatedWithOtherContent() throws IOException {
        peer.play(out -> {
            greet(out, 5, wire("web"));
            out.onNext(update(5).setService(wire("forged")).build());
        });
        peer.awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertKept();
    }

    @Test
    void row71KeepsWhatItHeardWhenASnapshotIsOlder() throws IOException {
        peer.play(out -> {
            greet(out, 5, wire("web"));
            snapshot(out, "i", 4, wire("gone"));
        });
        peer.awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertKept();
    }

    @Test
    void t25AnOldSnapshotOfAnInstanceThatWasReplacedResurrectsNothing() throws IOException {
        AtomicBoolean played = new AtomicBoolean();
        peer.play(out -> {
            if (played.getAndSet(true)) {
                return; // the stream after the refusal: "i" at 5 would be in its right
            }
            greet(out, 5, wire("gone"));
            snapshot(out, "j", 1, wire("web"));
            snapshot(out, "i", 4, wire("gone"));
        });
        peer.awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertKept();
    }

    @Test
    void anotherGatewayOfThePeerTakesOverAndGivesBack() throws IOException {
        peer.play(out -> {
            greet(out, 5, wire("old"));
            snapshot(out, "j", 1, wire("old"));
            snapshot(out, "i", 5, wire("web"));
        });
        await().atMost(SOON).until(() -> peer.exchange
                .peer(peer.east.id())
                .filter(p -> p.names().equals(Set.of(name("web"))))
                .isPresent());
    }

    @Test
    void row72KeepsWhatItHeardWhenASnapshotIsTruncated() throws IOException {
        peer.play(out -> {
            greet(out, 5, wire("web"));
            out.onNext(update(6)
                    .setSnapshotBegin(SnapshotBegin.getDefaultInstance())
                    .build());
            out.onNext(update(6)
                    .setSnapshotEnd(SnapshotEnd.newBuilder().setServices(3))
                    .build());
        });
        peer.awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertKept();
    }

    @Test
    void row71RefusesANewInstanceThatBeginsWithoutASnapshot() throws IOException {
        peer.play(out -> {
            greet(out, 5, wire("web"));
            out.onNext(update("other", 9).setService(wire("forged")).build());
        });
        peer.awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertKept();
    }

    @ParameterizedTest
    @ValueSource(strings = {"no protobuf", "no UTF-8", "too deep"})
    void row72KeepsWhatItHeardWhenAMessageCannotBeRead(String how) throws IOException {
        byte[] unreadable =
                switch (how) {
                    case "no protobuf" -> "{\"services\": []}".getBytes(StandardCharsets.US_ASCII);
                    case "no UTF-8" -> new byte[] {0x0a, 2, (byte) 0xc3, 0x28}; // field 1, a string
                    default -> nested(30_000);
                };
        peer.playBytes(out -> {
            greet(HostilePeer.writing(out), 5, wire("web"));
            out.onNext(unreadable);
        });
        peer.awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertKept();
    }

    /** So many groups of an unknown field, each in the one before. */
    private static byte[] nested(int depth) {
        byte startOfGroup99 = (byte) 0x9b;
        byte[] bytes = new byte[2 * depth];
        for (int i = 0; i < bytes.length; i += 2) {
            bytes[i] = startOfGroup99;
            bytes[i + 1] = 0x06;
        }
        return bytes;
    }

    @Test
    void row72NobodyCanMakeItInflateAnything() {
        assertTrue(ExchangeThread.UNCOMPRESSED.getAdvertisedMessageEncodings().isEmpty());
        assertNull(ExchangeThread.UNCOMPRESSED.lookupDecompressor("gzip"));
        assertNull(ExchangeThread.UNCOMPRESSED.lookupDecompressor("deflate"));
    }

    @Test
    void row66GivesUpAMessageLargerThanAllowed() throws IOException {
        peer.play(out -> {
            greet(out, 5, wire("web"));
            out.onNext(update(6)
                    .setService(wire("big").toBuilder().putAnnotations("a", "x".repeat(100_000)))
                    .build());
        });
        peer.awaitFinding(Problem.LIMIT_EXCEEDED);
        assertKept();
    }

    @Test
    void row72GivesUpAStreamThatSaysNothing() throws IOException {
        peer.play(out -> greet(out, 5, wire("web")));
        peer.awaitFinding(Problem.STALE);
        assertKept();
    }

    @Test
    void row72GivesUpASnapshotThatNeverEnds() throws IOException {
        peer.play(out -> {
            out.onNext(hello("east"));
            out.onNext(update(5)
                    .setSnapshotBegin(SnapshotBegin.getDefaultInstance())
                    .build());
            Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 100; i++) {
                        Thread.sleep(200);
                        out.onNext(update(5)
                                .setKeepAlive(KeepAlive.getDefaultInstance())
                                .build());
                    }
                } catch (InterruptedException | StatusRuntimeException | IllegalStateException e) {
                    return; // the stream was given up, as it should be
                }
            });
        });
        peer.awaitFinding(Problem.SNAPSHOT_REJECTED);
        assertFalse(peer.heard().complete());
    }

    @Test
    void row72GivesUpAPeerThatSendsOneByteNowAndThen() throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(peer.east.socket());
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Socket client = socket.accept();
                        OutputStream out = client.getOutputStream();
                        for (byte b : new byte[] {0, 0, 18, 4, 0, 0}) {
                            out.write(b);
                            Thread.sleep(300);
                        }
                    }
                } catch (IOException | InterruptedException e) {
                    return; // the test is over
                }
            });
            peer.dial();
            peer.awaitFinding(Problem.STALE);
        }
    }
}
