package io.tombolo.exchange;

import static io.tombolo.exchange.Loopback.name;
import static io.tombolo.exchange.Loopback.pod;
import static io.tombolo.exchange.Loopback.service;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.trust.SignedAnnouncement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two exchanges in one process, over real sockets. */
class ExchangeTest {
    private final Loopback west = Loopback.cluster("west");
    private final Loopback east = Loopback.cluster("east");
    private final List<End> ends = new ArrayList<>();

    /** One gateway's exchange and what it was told. */
    private final class End implements ExchangeListener {
        final Loopback self;
        final Exchange exchange;
        final ConcurrentLinkedQueue<SignedAnnouncement> announcements = new ConcurrentLinkedQueue<>();
        final Set<NamespacedName> changed = ConcurrentHashMap.newKeySet();

        End(Loopback self) {
            this.self = self;
            this.exchange = new Exchange(0, "0.1.0", Loopback.SOCKETS, this);
            ends.add(this);
        }

        void link(Loopback peer) {
            exchange.complete();
            exchange.update(self.linkedTo(peer), Map.of(peer.id(), Set.of(0)));
        }

        Optional<ExportedService> heard(Loopback from, String name) {
            return exchange.peer(from.id()).flatMap(p -> p.service(name(name)));
        }

        @Override
        public void changed(ClusterId peer, Set<NamespacedName> names) {
            changed.addAll(names);
        }

        @Override
        public void announced(ClusterId peer, SignedAnnouncement announcement) {
            announcements.add(announcement);
        }

        @Override
        public void streamChanged(ClusterId peer) {}
    }

    @AfterEach
    void close() {
        ends.forEach(e -> e.exchange.close());
    }

    @Test
    void bringsWhatThePeerExports() {
        End w = new End(west);
        End e = new End(east);
        e.exchange.export(service("web", 3));
        link(w, e);
        await().atMost(Duration.ofSeconds(10)).until(() -> w.heard(east, "web").isPresent());
        assertEquals(service("web", 3), w.heard(east, "web").orElseThrow());
    }

    @Test
    void followsEveryChangeInBothDirections() {
        End w = new End(west);
        End e = new End(east);
        link(w, e);
        w.exchange.export(service("db", 1));
        await().until(() -> e.heard(west, "db").isPresent());
        e.exchange.export(service("web", 2));
        await().until(() -> w.heard(east, "web").isPresent());
        ExportedService unready = service("web", List.of(), List.of(pod(0, true), pod(1, false), pod(2, true)));
        e.exchange.export(unready);
        await().until(() -> w.heard(east, "web").equals(Optional.of(unready)));
        e.exchange.withdraw(name("web"));
        await().until(() -> w.heard(east, "web").isEmpty());
    }

    @Test
    void tellsOnlyTheClustersAServiceIsFor() {
        End w = new End(west);
        End e = new End(east);
        e.exchange.export(service("secret", List.of("north"), List.of(pod(0, true))));
        e.exchange.export(service("open", List.of("west"), List.of(pod(0, true))));
        link(w, e);
        await().until(() -> w.heard(east, "open").isPresent());
        assertTrue(w.heard(east, "secret").isEmpty());
        e.exchange.export(service("open", List.of("north"), List.of(pod(0, true))));
        await().until(() -> w.heard(east, "open").isEmpty());
        assertFalse(w.changed.contains(name("secret")), "not even its name may be told");
        e.exchange.export(service("open", List.of(), List.of(pod(0, true))));
        await().until(() -> w.heard(east, "open").equals(Optional.of(service("open", 1))));
    }

    @Test
    void keepsWhatItHeardWhenTheStreamIsLostAndCatchesUpAfter() {
        End w = new End(west);
        End e = new End(east);
        e.exchange.export(service("web", 2));
        link(w, e);
        await().until(() -> w.heard(east, "web").isPresent());
        e.exchange.close();
        await().until(() -> w.exchange.peer(east.id()).orElseThrow().stale());
        assertEquals(service("web", 2), w.heard(east, "web").orElseThrow());
        End again = new End(east);
        again.exchange.export(service("web", 1));
        again.link(west);
        await().atMost(Duration.ofSeconds(20)).until(() -> w.heard(east, "web").equals(Optional.of(service("web", 1))));
        assertFalse(w.exchange.peer(east.id()).orElseThrow().stale());
    }

    @Test
    void marksWhatItHoldsWhileThePeerDoesNotSeeItsApiServer() {
        End w = new End(west);
        End e = new End(east);
        AtomicBoolean blind = new AtomicBoolean();
        e.exchange.behindWhile(blind::get);
        e.exchange.export(service("web", 2));
        link(w, e);
        await().until(() -> w.heard(east, "web").isPresent());
        PeerExports held = w.exchange.peer(east.id()).orElseThrow();
        assertFalse(held.stale());
        blind.set(true);
        await().until(held::stale);
        assertEquals(service("web", 2), w.heard(east, "web").orElseThrow());
        blind.set(false);
        await().until(() -> !held.stale());
    }

    @Test
    void forgetsAPeerWhoseLinkIsGone() {
        End w = new End(west);
        End e = new End(east);
        e.exchange.export(service("web", 2));
        link(w, e);
        await().until(() -> w.heard(east, "web").isPresent());
        w.changed.clear();
        w.exchange.update(west.linkedTo(), Map.of());
        await().until(() -> w.exchange.peer(east.id()).isEmpty());
        await().until(() -> w.changed.contains(name("web")));
    }

    @Test
    void carriesAnnouncementsBothWays() {
        End w = new End(west);
        End e = new End(east);
        SignedAnnouncement ours = announcement(1);
        SignedAnnouncement theirs = announcement(2);
        w.exchange.announce(ours);
        e.exchange.announce(theirs);
        link(w, e);
        await().until(() -> w.announcements.contains(theirs) && e.announcements.contains(ours));
        SignedAnnouncement newer = announcement(3);
        e.exchange.announce(newer);
        await().until(() -> w.announcements.contains(newer));
    }

    @Test
    void tellsFiveThousandServicesAndLosesNone() {
        End w = new End(west);
        End e = new End(east);
        IntStream.range(0, 5_000).forEach(i -> e.exchange.export(service("s" + i, 10)));
        link(w, e);
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        w.exchange.peer(east.id()).map(p -> p.names().size()).orElse(0) == 5_000);
        IntStream.range(0, 5_000).forEach(i -> e.exchange.export(service("s" + i, 9)));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> w.heard(east, "s4999").equals(Optional.of(service("s4999", 9))));
        Set<Integer> sizes = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            sizes.add(w.heard(east, "s" + i)
                    .orElseThrow()
                    .endpoints()
                    .getFirst()
                    .endpoints()
                    .size());
        }
        assertEquals(Set.of(9), sizes);
    }

    private static void link(End a, End b) {
        a.link(b.self);
        b.link(a.self);
    }

    private static SignedAnnouncement announcement(int i) {
        return new SignedAnnouncement(new byte[] {(byte) i, 7}, new byte[64]);
    }
}
