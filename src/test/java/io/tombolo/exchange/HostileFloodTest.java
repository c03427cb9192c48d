package io.tombolo.exchange;

import static io.tombolo.exchange.HostilePeer.endpoints;
import static io.tombolo.exchange.HostilePeer.greet;
import static io.tombolo.exchange.HostilePeer.update;
import static io.tombolo.exchange.HostilePeer.wire;
import static io.tombolo.exchange.Loopback.service;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** One peer sends as fast as it is let, and another is heard as if there were no such peer (T8). */
class HostileFloodTest {
    private static final int CHANGES = 40;

    @Test
    void t8AFloodOfOnePeerDelaysNobodyElse() throws Exception {
        LinkedBlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
        Loopback north = Loopback.cluster("north");
        AtomicLong flood = new AtomicLong(10);
        AtomicLong floodHeard = new AtomicLong();
        try (HostilePeer peer = new HostilePeer((who, names) -> {
                    if (who.equals(north.id())) {
                        heard.add(names.size());
                    } else {
                        floodHeard.incrementAndGet();
                    }
                });
                Exchange honest = new Exchange(0, "0.1.0", Loopback.SOCKETS, new Deaf())) {
            peer.playBytes(out -> {
                greet(HostilePeer.writing(out), 5, wire("web"));
                out.setOnReadyHandler(() -> {
                    while (out.isReady() && !out.isCancelled()) {
                        out.onNext(update(flood.incrementAndGet())
                                .setEndpoints(endpoints("web", new byte[] {10, 52, 0, (byte) (1 + flood.get() % 9)}))
                                .build()
                                .toByteArray());
                    }
                });
            });
            honest.export(service("db", 1));
            honest.complete();
            honest.update(north.linkedTo(peer.west), Map.of(peer.west.id(), Set.of(0)));
            peer.exchange.update(
                    peer.west.linkedTo(peer.east, north), Map.of(peer.east.id(), Set.of(0), north.id(), Set.of(0)));
            assertNotNull(heard.poll(15, TimeUnit.SECONDS), "the first snapshot");
            await("the flood").atMost(15, TimeUnit.SECONDS).until(() -> floodHeard.get() > CHANGES);
            long before = floodHeard.get();
            List<Long> millis = new ArrayList<>();
            for (int i = 0; i < CHANGES; i++) {
                long begin = System.nanoTime();
                honest.export(service("db", 1 + (i + 1) % 2));
                assertNotNull(heard.poll(15, TimeUnit.SECONDS), "change " + i);
                millis.add((System.nanoTime() - begin) / 1_000_000);
            }
            Collections.sort(millis);
            assertTrue(floodHeard.get() > before, "the flood has ended");
            assertTrue(millis.getLast() < 1_000, () -> "propagation in ms under a flood: " + millis);
            assertEquals(1, peer.heard().names().size());
        }
    }
}
