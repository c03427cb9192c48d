package io.tombolo.gateway;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.net.TunnelAddress;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.SlotReport;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.probe.Prober;
import io.tombolo.problem.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadPeersTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final ClusterId EAST = new ClusterId("east");
    private static final PathState SILENT = new PathState.Down(Problem.UNREACHABLE);
    private static final PathState NEVER_HEARD = new PathState.Down(Problem.NEVER_CONNECTED);
    private static final PathState UP = new PathState.Up(SlotReport.of(1, true, List.of(), List.of()));

    private final AtomicBoolean answers = new AtomicBoolean();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger changes = new AtomicInteger();
    private final DeadPeers peers = new DeadPeers(
            0,
            way -> {
                asked.incrementAndGet();
                return answers.get()
                        && way.to().getAddress().equals(east().address().lane(1));
            },
            changes::incrementAndGet);

    @AfterEach
    void close() {
        peers.close();
    }

    @Test
    void isDeadWhoAnswersOnNoLaneUntilALaneIsUp() {
        see(SILENT, SILENT);
        await().atMost(SOON).until(() -> peers.dead().equals(Set.of(EAST)));
        see(SILENT, UP);
        assertEquals(Set.of(), peers.dead());
        assertEquals(2, changes.get());
    }

    @Test
    void aLaneThatWasNeverHeardKeepsNobodyAlive() {
        see(SILENT, NEVER_HEARD);
        await().atMost(SOON).until(() -> peers.dead().equals(Set.of(EAST)));
    }

    @Test
    void isNotDeadWhoseKernelAnswersOnALane() {
        answers.set(true);
        see(SILENT, SILENT);
        await().atMost(SOON).until(() -> asked.get() >= 4);
        assertEquals(Set.of(), peers.dead());
        answers.set(false);
        await().atMost(SOON).until(() -> peers.dead().equals(Set.of(EAST)));
        answers.set(true);
        await().atMost(SOON).until(() -> peers.dead().isEmpty());
    }

    @Test
    void isNotAskedWhoIsHeardOrOfWhomNothingIsKnown() {
        see(SILENT, new PathState.Down(Problem.NO_HANDSHAKE));
        see(SILENT, new PathState.Unknown());
        see(UP, SILENT);
        see(NEVER_HEARD, NEVER_HEARD);
        assertEquals(0, asked.get());
        assertEquals(Set.of(), peers.dead());
    }

    @Test
    void aKernelThatAcceptsOrRefusesIsThereAndOneThatIsSilentIsNot() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        InetSocketAddress from = new InetSocketAddress(loopback, 0);
        InetSocketAddress to;
        try (ServerSocket listens = new ServerSocket(0, 1, loopback)) {
            to = new InetSocketAddress(loopback, listens.getLocalPort());
            assertTrue(DeadPeers.connects(new DeadPeers.Way(from, to)));
            // nobody accepts: a full queue is silence
            try (Socket second = new Socket(loopback, listens.getLocalPort())) {
                assertTrue(second.isConnected());
                assertFalse(DeadPeers.connects(new DeadPeers.Way(from, to)));
            }
        }
        assertTrue(DeadPeers.connects(new DeadPeers.Way(from, to)));
    }

    private void see(PathState... lanes) {
        Map<PathKey, Prober.Path> paths = new TreeMap<>();
        IntStream.range(0, lanes.length)
                .forEach(
                        slot -> paths.put(new PathKey(EAST, slot), new Prober.Path(lanes[slot], OptionalLong.empty())));
        LocalView local = new LocalView(
                new ClusterId("west"),
                IdentityKey.of(bytes(1)),
                51820,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        peers.follow(new Topology(local, new TreeMap<>(Map.of(EAST, east())), Map.of()), paths);
    }

    private static Peer east() {
        return new Peer(
                EAST,
                TunnelAddress.of(IdentityKey.of(bytes(2))),
                LinkView.Access.ALL_PODS,
                List.of(),
                IntStream.range(0, 2)
                        .mapToObj(slot -> new Peer.Lane(slot, PublicKey.of(bytes(10 + slot)), 1, Optional.empty()))
                        .toList(),
                List.of(Cidr.parse("10.52.0.0/16")));
    }

    private static byte[] bytes(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
