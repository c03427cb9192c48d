package io.tombolo.gateway;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.gateway.probe.PathKey;
import io.tombolo.gateway.probe.PathState;
import io.tombolo.gateway.probe.Prober;
import io.tombolo.kube.Applier;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.ClusterId;
import io.tombolo.plan.tunnel.DevicePlan;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes what this slot sees of each link into {@code ClusterLink.status.paths}: on change of state, at most six times a
 * minute per link; what changed in between is written when the minute allows, as it is then. On a thread of its own,
 * since the API server may take its time.
 */
final class PathStatusWriter implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PathStatusWriter.class.getName());
    private static final Duration TICK = Duration.ofMillis(500);

    private final int slot;
    private final Applier applier;
    private final Clock clock;
    private final Thread thread;
    private final Map<ClusterId, Map<Integer, Seen>> written = new HashMap<>();
    private final WriteBudget budget;
    private final PeerStatusWriter peers;
    private final Map<PathKey, Stamped> since = new HashMap<>();
    private @Nullable Pass latest;
    private boolean closed;

    /** What of a path is worth a write. */
    private record Seen(ClusterLinkStatus.PathState state, Optional<Finding> finding) {
        Optional<String> message() {
            return finding.map(f -> f.text(ClusterLinkStatus.MAX_MESSAGE)).filter(text -> !text.isEmpty());
        }
    }

    private record Stamped(Seen seen, Instant since) {}

    PathStatusWriter(KubernetesClient client, int slot, PeerStatusWriter peers, Clock clock) {
        this.slot = slot;
        this.applier = new Applier(client, ObjectNames.gatewayManager(slot));
        this.peers = peers;
        this.clock = clock;
        this.budget = new WriteBudget(clock);
        this.thread = Thread.ofPlatform().name("status").daemon().start(this::loop);
    }

    synchronized void passed(Pass pass) {
        latest = pass;
        notifyAll();
    }

    private void loop() {
        try {
            while (true) {
                Pass pass;
                synchronized (this) {
                    wait(TICK.toMillis());
                    if (closed) {
                        return;
                    }
                    pass = latest;
                }
                if (pass != null) {
                    tryWrite(pass);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tryWrite(Pass pass) {
        try {
            write(pass);
            peers.write(pass);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "status could not be written; tried again", e);
        }
    }

    private void write(Pass pass) {
        written.keySet().retainAll(pass.topology().peers().keySet());
        for (Peer peer : pass.topology().peers().values()) {
            ClusterId id = peer.clusterId();
            Map<Integer, Seen> seen = seen(pass, peer);
            if (seen.equals(written.get(id)) || !budget.take(id)) {
                continue;
            }
            try {
                applier.applyStatus(link(pass, id, seen));
                written.put(id, seen);
            } catch (KubernetesClientException e) {
                LOG.log(Level.DEBUG, "status of {0}: the API server says: {1}", id, e.getMessage());
            }
        }
    }

    /** Every slot of the peer, whether it has a lane yet or only a door. */
    private Map<Integer, Seen> seen(Pass pass, Peer peer) {
        // what keeps our own devices from being as planned is why nobody can answer; a refusal, why nothing new counts
        Optional<Finding> local =
                pass.ready() ? Optional.empty() : pass.findings().stream().findFirst();
        Optional<Finding> refusal = Optional.ofNullable(pass.refusals().get(peer.clusterId()));
        Optional<Finding> why = refusal.or(() -> local);
        Map<Integer, Seen> seen = new TreeMap<>();
        peer.doors()
                .forEach(door -> seen.put(
                        door.slot(),
                        new Seen(
                                ClusterLinkStatus.PathState.UNKNOWN,
                                why.or(() -> Optional.of(Finding.of(Problem.NEVER_CONNECTED, ""))))));
        for (Peer.Lane lane : peer.lanes()) {
            Prober.Path path = pass.paths().get(new PathKey(peer.clusterId(), lane.slot()));
            PathState state = path == null ? new PathState.Unknown() : path.state();
            seen.put(
                    lane.slot(),
                    switch (state) {
                        case PathState.Up _ -> new Seen(ClusterLinkStatus.PathState.UP, refusal);
                        case PathState.Down(Problem reason) ->
                            new Seen(
                                    ClusterLinkStatus.PathState.DOWN,
                                    why.or(() -> Optional.of(Finding.of(reason, ""))));
                        case PathState.Unknown _ -> new Seen(ClusterLinkStatus.PathState.UNKNOWN, why);
                    });
        }
        return seen;
    }

    private ClusterLink link(Pass pass, ClusterId id, Map<Integer, Seen> seen) {
        List<ClusterLinkStatus.Path> paths = new ArrayList<>();
        seen.forEach((peerSlot, as) -> {
            PathKey key = new PathKey(id, peerSlot);
            Stamped before = since.get(key);
            Instant at = before != null && before.seen().state() == as.state()
                    ? before.since()
                    : Instant.now(clock).truncatedTo(ChronoUnit.SECONDS);
            since.put(key, new Stamped(as, at));
            Prober.Path path = pass.paths().get(key);
            Integer rttMillis =
                    path == null || path.rttNanos().isEmpty() || as.state() != ClusterLinkStatus.PathState.UP
                            ? null
                            : (int) Duration.ofNanos(path.rttNanos().getAsLong())
                                    .toMillis();
            paths.add(new ClusterLinkStatus.Path(
                    slot,
                    peerSlot,
                    as.state(),
                    at.toString(),
                    as.finding().map(f -> f.problem().reason()).orElse(null),
                    as.message().orElse(null),
                    rttMillis,
                    as.state() == ClusterLinkStatus.PathState.UP ? DevicePlan.DEFAULT_MTU : null));
        });
        ClusterLink link = new ClusterLink();
        link.setMetadata(new ObjectMetaBuilder().withName(id.value()).build());
        link.setStatus(new ClusterLinkStatus(null, null, null, paths, null));
        return link;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(Duration.ofSeconds(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
