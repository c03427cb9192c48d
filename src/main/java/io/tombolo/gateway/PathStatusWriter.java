package io.tombolo.gateway;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.tunnel.Ceilings;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.probe.Prober;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Writes what this slot sees of each link into {@code ClusterLink.status.paths}: on change of state, at most six times a
 * minute per link; what changed in between is written when the minute allows, as it is then. That the last lane to a peer
 * fell silent is always written at once, for names lead to dead endpoints until it is: good news waits, bad news does not.
 * How large packets may be is found in steps, and nobody waits for it: that goes along, or is written when things are calm.
 */
final class PathStatusWriter {
    private static final System.Logger LOG = System.getLogger(PathStatusWriter.class.getName());

    private final int slot;
    private final Consumer<ClusterLink> write;
    private final Clock clock;
    private final Function<ClusterId, Optional<ClusterLink>> links;
    private final WriteBudget<Map<Integer, Seen>> budget;
    /** Whose status the API server did not take when we tried last. */
    private final Set<ClusterId> refused = new HashSet<>();

    /** What of a path is worth a write. */
    private record Seen(
            ClusterLinkStatus.PathState state,
            Optional<Integer> mtu,
            Optional<Integer> keyGeneration,
            Optional<String> reason,
            Optional<String> message) {
        static Seen of(ClusterLinkStatus.PathState state, Optional<Finding> finding) {
            return new Seen(
                    state,
                    Optional.empty(),
                    Optional.empty(),
                    finding.map(f -> f.problem().reason()),
                    finding.map(f -> f.text(ClusterLinkStatus.MAX_MESSAGE)).filter(text -> !text.isEmpty()));
        }

        Seen with(Optional<Integer> bytes, Optional<Integer> generation) {
            return new Seen(state, bytes, generation, reason, message);
        }

        Seen withoutMtu() {
            return with(Optional.empty(), keyGeneration);
        }
    }

    /**
     * @param links as the API server has told them last, whatever a pass began with; empty where none is known to stand
     * @param write applies the status, and may say why it cannot by a {@link KubernetesClientException}
     */
    PathStatusWriter(
            int slot, Function<ClusterId, Optional<ClusterLink>> links, Consumer<ClusterLink> write, Clock clock) {
        this.slot = slot;
        this.links = links;
        this.write = write;
        this.clock = clock;
        this.budget = new WriteBudget<>(clock, 1);
    }

    /** Compared with what stands, not with what we wrote: others change it (the operator, while we were away). */
    void write(Pass pass) {
        budget.keep(pass.topology().peers().keySet());
        refused.retainAll(pass.topology().peers().keySet());
        for (Peer peer : pass.topology().peers().values()) {
            ClusterId id = peer.clusterId();
            Optional<ClusterLink> link = links.apply(id);
            if (link.isEmpty()) {
                continue;
            }
            Map<Integer, Seen> seen = seen(pass, peer);
            Map<Integer, ClusterLinkStatus.Path> standing = standing(link.get());
            Map<Integer, Seen> said = budget.onItsWay(id).orElseGet(() -> said(standing));
            if (seen.equals(said)) {
                continue;
            }
            if (isLost(seen) && !isLost(said)) {
                budget.spend(id, seen);
            } else if (withoutMtu(seen).equals(withoutMtu(said)) && !budget.isCalm(id) || !budget.take(id, seen)) {
                continue;
            }
            try {
                write.accept(link(pass, id, seen, standing));
                refused.remove(id);
                logChanges(id, said, seen);
            } catch (KubernetesClientException e) {
                budget.refund(id);
                if (refused.add(id)) { // once: the next try is soon
                    LOG.log(Level.WARNING, "status of {0} waits for the API server: {1}", id, e.getMessage());
                }
            }
        }
    }

    private static Map<Integer, Seen> withoutMtu(Map<Integer, Seen> paths) {
        Map<Integer, Seen> rest = new TreeMap<>(paths);
        rest.replaceAll((_, path) -> path.withoutMtu());
        return rest;
    }

    private void logChanges(ClusterId peer, Map<Integer, Seen> before, Map<Integer, Seen> now) {
        now.forEach((peerSlot, path) -> {
            Seen old = before.get(peerSlot);
            if (old == null || old.state() != path.state()) {
                LOG.log(
                        Level.INFO,
                        "{0}: the path from slot {1} to slot {2} is {3}{4}",
                        peer,
                        slot,
                        peerSlot,
                        path.state().name().toLowerCase(Locale.ROOT),
                        path.reason().map(reason -> " (" + reason + ")").orElse(""));
            }
        });
    }

    /** Whether no packet gets there by this slot. */
    private static boolean isLost(Map<Integer, Seen> paths) {
        return !paths.isEmpty()
                && paths.values().stream().allMatch(path -> path.state() == ClusterLinkStatus.PathState.DOWN);
    }

    /** This slot's paths in the link's status, by the peer's slot. */
    private Map<Integer, ClusterLinkStatus.Path> standing(ClusterLink link) {
        ClusterLinkStatus status = link.getStatus();
        Map<Integer, ClusterLinkStatus.Path> standing = new TreeMap<>();
        if (status != null && status.paths() != null) {
            status.paths().stream().filter(p -> p.localSlot() == slot).forEach(p -> standing.put(p.peerSlot(), p));
        }
        return standing;
    }

    private static Map<Integer, Seen> said(Map<Integer, ClusterLinkStatus.Path> standing) {
        Map<Integer, Seen> said = new TreeMap<>();
        standing.forEach((peerSlot, path) -> said.put(
                peerSlot,
                new Seen(
                        path.state(),
                        Optional.ofNullable(path.mtu()),
                        Optional.ofNullable(path.keyGeneration()),
                        Optional.ofNullable(path.reason()),
                        Optional.ofNullable(path.message()))));
        return said;
    }

    /** Every lane there is to the peer; before there is one, every door. */
    private Map<Integer, Seen> seen(Pass pass, Peer peer) {
        // what keeps our own devices from being as planned is why nobody can answer; a refusal, why nothing new counts
        Optional<Finding> local =
                pass.ready() ? Optional.empty() : pass.findings().stream().findFirst();
        Optional<Finding> refusal = Optional.ofNullable(pass.refusals().get(peer.clusterId()));
        Optional<Finding> why = refusal.or(() -> local);
        Map<Integer, Seen> seen = new TreeMap<>();
        if (peer.lanes().isEmpty()) {
            // later a door without a lane is a gateway that the peer does not have: of no path nothing is unknown
            peer.doors()
                    .forEach(door -> seen.put(
                            door.slot(),
                            Seen.of(
                                    ClusterLinkStatus.PathState.UNKNOWN,
                                    why.or(() -> Optional.of(Finding.of(Problem.NEVER_CONNECTED, ""))))));
        }
        for (Peer.Lane lane : peer.lanes()) {
            PathKey key = new PathKey(peer.clusterId(), lane.slot());
            Prober.Path path = pass.paths().get(key);
            PathState state = path == null ? new PathState.Unknown() : path.state();
            Seen as =
                    switch (state) {
                        case PathState.Up _ ->
                            Seen.of(
                                    ClusterLinkStatus.PathState.UP,
                                    refusal.or(() -> Optional.ofNullable(
                                                    pass.held().get(key)))
                                            .or(() -> narrow(path)));
                        case PathState.Down(Problem reason) ->
                            Seen.of(
                                    ClusterLinkStatus.PathState.DOWN,
                                    why.or(() -> Optional.of(Finding.of(reason, ""))));
                        case PathState.Unknown _ -> Seen.of(ClusterLinkStatus.PathState.UNKNOWN, why);
                    };
            seen.put(
                    lane.slot(),
                    as.with(state.isUp() ? mtu(path) : Optional.empty(), keyGeneration(pass, lane.slot())));
        }
        return seen;
    }

    private static Optional<Integer> mtu(Prober.@Nullable Path path) {
        return path == null || path.mtu().isEmpty()
                ? Optional.empty()
                : Optional.of(path.mtu().getAsInt());
    }

    private static Optional<Finding> narrow(Prober.@Nullable Path path) {
        return mtu(path)
                .filter(bytes -> bytes < Ceilings.LEAST)
                .map(bytes -> Finding.of(
                        Problem.PATH_NARROW, "packets of " + bytes + " bytes pass, and IPv6 needs " + Ceilings.LEAST));
    }

    /** Of the key that this lane of ours has now. */
    private Optional<Integer> keyGeneration(Pass pass, int lane) {
        PublicKey has = pass.laneKeys().get(lane);
        return pass.topology().local().gateways().stream()
                .filter(gateway -> gateway.slot() == slot)
                .findFirst()
                .filter(_ -> has != null)
                .map(gateway -> gateway.nextLaneKey().equals(Optional.ofNullable(has))
                        ? gateway.generation() + 1
                        : gateway.generation());
    }

    private ClusterLink link(
            Pass pass, ClusterId id, Map<Integer, Seen> seen, Map<Integer, ClusterLinkStatus.Path> standing) {
        List<ClusterLinkStatus.Path> paths = new ArrayList<>();
        seen.forEach((peerSlot, as) -> {
            PathKey key = new PathKey(id, peerSlot);
            ClusterLinkStatus.Path before = standing.get(peerSlot);
            String since = before != null && before.state() == as.state() && before.since() != null
                    ? before.since()
                    : Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).toString();
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
                    since,
                    as.reason().orElse(null),
                    as.message().orElse(null),
                    rttMillis,
                    as.mtu().orElse(null),
                    as.keyGeneration().orElse(null)));
        });
        ClusterLink link = new ClusterLink();
        link.setMetadata(new ObjectMetaBuilder().withName(id.value()).build());
        link.setStatus(new ClusterLinkStatus(null, null, null, paths, null));
        return link;
    }
}
