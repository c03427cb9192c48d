package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.route.KeyTurn;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.probe.Prober;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings the lanes of this slot to the next generation of its key, as {@link KeyTurn} plans it. Remembers nothing that
 * counts: which lane has which key the devices show, and a gateway that starts again begins with the next lane.
 */
final class LaneKeys {
    private static final System.Logger LOG = System.getLogger(LaneKeys.class.getName());

    /** Until packets that were on their way to a lane have left it, and nodes have heard that another gateway is better. */
    private static final Duration REST = Duration.ofMillis(500);

    /** A peer that has not been heard on the new key by then has trouble of its own, and the probes say so. */
    private static final Duration PROOF = Duration.ofSeconds(10);

    /** A peer that has not followed by then has trouble of its own, and people are told. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** So long after a step the next is expected soon. */
    private static final Duration EXPECTED = Duration.ofSeconds(10);

    private final int slot;
    private State state = new Idle();
    private long stepped = System.nanoTime();
    /** Peers whom the spare lane reaches. */
    private Set<ClusterId> spared = Set.of();
    /** The handshakes there were on the spare lane when it was first seen with our next key. */
    private Optional<Map<PublicKey, Instant>> before = Optional.empty();

    private Map<PathKey, Held> held = Map.of();

    private sealed interface State {}

    private record Idle() implements State {}

    /** @param since when no route led to the lane any more; empty before */
    private record Resting(int lane, OptionalLong since) implements State {}

    /** @param ways that must have heard a probe sent after {@code turned}, {@link System#nanoTime} */
    private record Proving(int lane, long turned, Set<PathKey> ways) implements State {}

    /** A path that keeps its lane from changing, and since when. */
    private record Held(boolean follows, long since) {}

    LaneKeys(int slot) {
        this.slot = slot;
    }

    /** The lane that our packets keep off. */
    Optional<Integer> resting() {
        return switch (state) {
            case Idle() -> Optional.empty();
            case Resting(int lane, var _) -> Optional.of(lane);
            case Proving(int lane, var _, var _) -> Optional.of(lane);
        };
    }

    /** To whom packets go by the spare lane meanwhile. */
    Set<ClusterId> onSpare() {
        return resting().equals(Optional.of(0)) ? spared : Set.of();
    }

    /** The lanes that have rested, and change with the next application of the plan. */
    Set<Integer> turning(long now) {
        return state instanceof Resting(int lane, OptionalLong since)
                        && since.isPresent()
                        && now - since.getAsLong() >= REST.toNanos()
                ? Set.of(lane)
                : Set.of();
    }

    /**
     * After the plan was applied.
     *
     * @param rested whether every route kept off the lane that was resting when the plan was applied
     */
    void applied(
            World world,
            Topology topology,
            DataPlane.Outcome outcome,
            SortedMap<PathKey, Prober.Path> paths,
            boolean rested,
            long now) {
        Optional<PublicKey> next = own(topology).flatMap(LocalView.Gateway::nextLaneKey);
        SortedMap<Integer, PublicKey> laneKeys = outcome.laneKeys();
        spared = spared(topology, next, outcome);
        KeyTurnReader reader = new KeyTurnReader(world, topology, slot, paths, spared, resting());
        State was = state;
        state = switch (state) {
            case Idle() -> begin(reader, laneKeys, next, now);
            case Resting(int lane, var _)
            when next.isPresent() && next.equals(Optional.ofNullable(laneKeys.get(lane))) -> {
                LOG.log(Level.INFO, "lane {0} has its next key", lane);
                yield new Proving(lane, now, up(paths, lane));
            }
            case Resting(int lane, OptionalLong since) ->
                begin(reader, laneKeys, next, now) instanceof Resting(int still, var _) && still == lane
                        ? new Resting(lane, since.isEmpty() && rested ? OptionalLong.of(now) : since)
                        : new Idle();
            case Proving(var _, long turned, Set<PathKey> ways) ->
                now - turned > PROOF.toNanos() || ways.stream().allMatch(way -> reached(paths.get(way), turned))
                        ? begin(reader, laneKeys, next, now)
                        : state;
        };
        if (!state.equals(was)) {
            stepped = now;
        }
    }

    private State begin(
            KeyTurnReader reader, SortedMap<Integer, PublicKey> laneKeys, Optional<PublicKey> next, long now) {
        KeyTurn turn = next.flatMap(key -> reader.lanes(laneKeys, key))
                .map(KeyTurn::plan)
                .orElse(new KeyTurn.Done());
        Map<PathKey, Held> holding = new HashMap<>();
        if (turn instanceof KeyTurn.Wait(var ways)) {
            ways.forEach(way -> {
                PathKey path = new PathKey(way.peer(), way.lane());
                Held earlier = held.get(path);
                holding.put(path, new Held(way.follows(), earlier == null ? now : earlier.since()));
            });
        }
        held = holding;
        return turn instanceof KeyTurn.Turn(int lane) ? new Resting(lane, OptionalLong.empty()) : new Idle();
    }

    /**
     * A handshake under our next key says that whatever we send arrives: the peer lets nothing but that key in on its spare
     * lane, and gave it our addresses with it.
     */
    private Set<ClusterId> spared(Topology topology, Optional<PublicKey> next, DataPlane.Outcome outcome) {
        if (next.isEmpty()
                || !next.equals(Optional.ofNullable(outcome.laneKeys().get(Wire.SPARE_LANE)))) {
            before = Optional.empty();
            return Set.of();
        }
        Map<PublicKey, Instant> then = before.orElseGet(outcome::spareHandshakes);
        before = Optional.of(then);
        Set<ClusterId> reached = new HashSet<>();
        topology.peers().values().stream().filter(topology::hasSpare).forEach(peer -> {
            Peer.Lane lane = peer.lanes().getFirst();
            PublicKey key = lane.next().orElse(lane.key());
            Instant latest = outcome.spareHandshakes().get(key);
            if (latest != null && latest.isAfter(then.getOrDefault(key, Instant.EPOCH))) {
                reached.add(peer.clusterId());
            }
        });
        return reached;
    }

    /** Why lanes have kept the key before for a while, by path. */
    Map<PathKey, Finding> findings(long now) {
        Map<PathKey, Finding> findings = new HashMap<>();
        held.forEach((path, why) -> {
            if (now - why.since() > PATIENCE.toNanos()) {
                String peer = "gateway " + path.slot() + " of " + path.peer();
                findings.put(
                        path,
                        Finding.of(
                                Problem.LANE_KEY_HELD,
                                why.follows()
                                        ? "nothing else leads to " + peer + " while this lane would change its key"
                                        : peer + " does not say that it lets our next lane key in"));
            }
        });
        return findings;
    }

    /**
     * The keys of our lanes as they count: one that has changed has its new key when the peers have been heard on it.
     *
     * @param laneKeys the public key that each lane has
     */
    SortedMap<Integer, PublicKey> proven(Topology topology, SortedMap<Integer, PublicKey> laneKeys) {
        SortedMap<Integer, PublicKey> proven = new TreeMap<>(laneKeys);
        if (state instanceof Proving(int lane, var _, var _)) {
            own(topology).ifPresent(gateway -> proven.put(lane, gateway.laneKey()));
        }
        return proven;
    }

    /** Whether something is going on that the next pass should not wait long for. */
    boolean isBusy(long now) {
        return !(state instanceof Idle) || now - stepped < EXPECTED.toNanos();
    }

    private Optional<LocalView.Gateway> own(Topology topology) {
        return topology.local().gateways().stream()
                .filter(gateway -> gateway.slot() == slot)
                .findFirst();
    }

    private static Set<PathKey> up(SortedMap<PathKey, Prober.Path> paths, int lane) {
        return paths.entrySet().stream()
                .filter(path ->
                        path.getKey().slot() == lane && path.getValue().state().isUp())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    private static boolean reached(Prober.@Nullable Path path, long turned) {
        return path == null
                || path.state().isUp()
                        && path.reached().isPresent()
                        && path.reached().getAsLong() - turned > 0;
    }
}
