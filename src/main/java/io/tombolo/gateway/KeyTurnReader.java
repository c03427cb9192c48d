package io.tombolo.gateway;

import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.net.ClusterId;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.route.KeyTurn;
import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.SlotReport;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.Peer;
import io.tombolo.plan.tunnel.Topology;
import io.tombolo.probe.Prober;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.AnnouncementCodec;
import io.tombolo.trust.MalformedMessageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;

/**
 * What is seen → what {@link KeyTurn} plans with.
 *
 * @param slot which gateway of ours this is
 * @param paths every lane, as the probes see it
 * @param spared peers whom the spare lane reaches
 * @param resting the lane that is about to change
 */
record KeyTurnReader(
        World world,
        Topology topology,
        int slot,
        SortedMap<PathKey, Prober.Path> paths,
        Set<ClusterId> spared,
        Optional<Integer> resting) {

    /**
     * @param laneKeys the public key that each lane has
     * @param next the one it shall have
     * @return empty while no announcement of ours names that one
     */
    Optional<List<KeyTurn.Lane>> lanes(SortedMap<Integer, PublicKey> laneKeys, PublicKey next) {
        OptionalLong announced = announced(next);
        if (announced.isEmpty()) {
            return Optional.empty();
        }
        List<KeyTurn.Lane> lanes = new ArrayList<>();
        laneKeys.forEach(
                (lane, key) -> lanes.add(new KeyTurn.Lane(lane, key.equals(next), ways(lane, announced.getAsLong()))));
        return Optional.of(lanes);
    }

    private List<KeyTurn.Way> ways(int lane, long announced) {
        return topology.peers().values().stream()
                .filter(peer -> peer.lanes().stream().anyMatch(l -> l.slot() == lane))
                .map(peer -> {
                    Prober.Path path = paths.get(new PathKey(peer.clusterId(), lane));
                    PathState seen = path == null ? new PathState.Unknown() : path.state();
                    boolean hasOther = spared.contains(peer.clusterId())
                            || hasOtherGateway(peer)
                            || seen instanceof PathState.Up(SlotReport report) && hasOtherLane(peer, lane, report);
                    boolean follows = path != null && path.follows() >= announced && !isChanging(peer, lane, seen);
                    return new KeyTurn.Way(peer.clusterId(), lane, seen, follows, hasOther);
                })
                .toList();
    }

    /**
     * Whether it is the peer that changes its key on this lane now: two that do it at once do not hear each other for seconds.
     * Who began first goes on, and where both did, who comes first by name.
     */
    private boolean isChanging(Peer peer, int lane, PathState seen) {
        boolean rests = seen instanceof PathState.Up(SlotReport report)
                && !report.serving()
                && peer.lanes().stream()
                        .anyMatch(l -> l.slot() == lane && l.next().isPresent());
        return rests
                && (!resting.equals(Optional.of(lane))
                        || peer.clusterId().compareTo(topology.local().clusterId()) < 0);
    }

    private boolean hasOtherLane(Peer peer, int lane, SlotReport report) {
        return peer.lanes().stream()
                .filter(other -> other.slot() != lane)
                .map(other -> paths.get(new PathKey(peer.clusterId(), other.slot())))
                .anyMatch(path -> path != null
                        && path.state() instanceof PathState.Up(SlotReport other)
                        && other.replaces(report));
    }

    /** Where this is the only lane, our nodes hear that this gateway does not reach the peer, and take one that does. */
    private boolean hasOtherGateway(Peer peer) {
        ClusterLinkStatus status = world.statuses().get(peer.clusterId());
        return peer.lanes().size() == 1
                && status != null
                && status.paths() != null
                && status.paths().stream()
                        .anyMatch(path -> path.localSlot() != slot && path.state() == ClusterLinkStatus.PathState.UP);
    }

    /** Sequence of our announcement, where it names this key as the next of our slot. */
    private OptionalLong announced(PublicKey next) {
        if (world.ours().isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            Announcement ours =
                    AnnouncementCodec.decode(world.ours().get().signed().bytes());
            return ours.slots().stream()
                            .anyMatch(s -> s.slot() == slot && s.nextKey().equals(Optional.of(next)))
                    ? OptionalLong.of(ours.sequence())
                    : OptionalLong.empty();
        } catch (MalformedMessageException e) {
            return OptionalLong.empty(); // of another version than ours: the operator is about to sign anew
        }
    }

    /** What each lane's peer announced last, where its gateway's keys are all let in. */
    static Map<PathKey, Long> followed(Topology topology, List<LinkView> links) {
        Map<PathKey, Long> followed = new HashMap<>();
        for (LinkView link : links) {
            Peer peer = topology.peers().get(link.name());
            if (peer == null || link.announced().isEmpty()) {
                continue;
            }
            Announcement announced = link.announced().get();
            for (Peer.Lane lane : peer.lanes()) {
                boolean all = announced.slots().stream()
                        .filter(slot -> slot.slot() == lane.slot())
                        .allMatch(slot -> slot.nextKey().equals(lane.next()));
                if (all) {
                    followed.put(new PathKey(link.name(), lane.slot()), announced.sequence());
                }
            }
        }
        return followed;
    }

    static boolean isOursRotated(Topology topology) {
        return topology.local().gateways().stream()
                .anyMatch(gateway -> gateway.nextLaneKey().isPresent());
    }

    static boolean isPeersRotated(Topology topology) {
        return topology.peers().values().stream()
                .flatMap(peer -> peer.lanes().stream())
                .anyMatch(lane -> lane.next().isPresent());
    }
}
