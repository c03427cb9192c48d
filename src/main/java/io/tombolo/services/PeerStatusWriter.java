package io.tombolo.services;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.exchange.PeerExports;
import io.tombolo.kube.service.PeerStatus;
import io.tombolo.net.ClusterId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Keeps {@code ClusterLink.status.peer} true while this gateway is the writer: a new announcement at once, the rest when
 * ten seconds have passed since the last write, so that no link is written more than a few times a minute.
 */
final class PeerStatusWriter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PeerStatusWriter.class.getName());
    private static final Duration UNHURRIED = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 200;

    private final PeerStatus status;
    private final Function<ClusterId, Optional<PeerExports>> exports;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("peer-status").factory());
    private final Map<ClusterId, Written> written = new HashMap<>();
    private volatile Map<ClusterId, AcceptedAnnouncement> accepted;

    private record Written(PeerStatus.Peer peer, Instant at) {}

    PeerStatusWriter(
            PeerStatus status,
            Function<ClusterId, Optional<PeerExports>> exports,
            Map<ClusterId, AcceptedAnnouncement> accepted,
            Clock clock) {
        this.status = status;
        this.exports = exports;
        this.accepted = accepted;
        this.clock = clock;
        var unused = thread.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    void accepted(Map<ClusterId, AcceptedAnnouncement> now) {
        accepted = Map.copyOf(now);
    }

    private void look() {
        Map<ClusterId, AcceptedAnnouncement> now = accepted;
        written.keySet().retainAll(now.keySet());
        now.forEach((peer, announcement) -> {
            try {
                look(peer, announcement);
            } catch (KubernetesClientException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        () -> "status of link " + peer + ": the API server says: " + e.getMessage());
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, () -> "status of link " + peer + " cannot be written", e);
            }
        });
    }

    private void look(ClusterId peer, AcceptedAnnouncement announcement) {
        Instant at = clock.instant();
        Written before = written.get(peer);
        Optional<PeerExports> heard = exports.apply(peer);
        boolean sameAnnouncement = before != null && before.peer().signed().equals(announcement.signed());
        PeerStatus.Peer wanted = new PeerStatus.Peer(
                announcement.signed(),
                announcement.announcement(),
                announcement.acknowledged(),
                heard.map(PeerExports::version).orElse(""),
                heard.map(h -> h.names().size()).orElse(0),
                before != null && sameAnnouncement ? before.peer().since() : at);
        if (before != null
                && (wanted.equals(before.peer())
                        || (sameAnnouncement && at.isBefore(before.at().plus(UNHURRIED))))) {
            return;
        }
        // remembered before it is tried: an API server that refuses is asked again unhurriedly
        written.put(peer, new Written(wanted, at));
        try {
            status.write(peer, wanted);
        } catch (RuntimeException e) {
            written.put(
                    peer,
                    new Written(
                            new PeerStatus.Peer(wanted.signed(), wanted.announcement(), -1, "", -1, wanted.since()),
                            at));
            throw e;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
