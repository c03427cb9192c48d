package io.tombolo.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PathStatusWriterTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final PathState DOWN = new PathState.Down(Problem.UNREACHABLE);
    private static final PathState UP = new PathState.Up(SlotReport.of(1, true, List.of(), List.of()));
    private static final Duration SECOND = Duration.ofSeconds(1);

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource source = () -> now;
    /** As the watch shows it. */
    private ClusterLink shown = link(List.of());

    private final List<ClusterLink> written = new ArrayList<>();
    private OptionalInt mtu = OptionalInt.empty();
    private boolean refusing;
    private final PathStatusWriter writer =
            new PathStatusWriter(0, _ -> Optional.of(shown), this::apply, source.withZone(ZoneOffset.UTC));

    private void apply(ClusterLink link) {
        if (refusing) {
            throw new KubernetesClientException("too busy");
        }
        written.add(link);
    }

    @Test
    void aDeadPeerIsToldOfAtOnceHoweverOftenTheLinkFlappedBefore() {
        see(new PathState.Unknown());
        for (int second = 0; second < 50; second++) {
            now = now.plus(SECOND);
            see(second % 2 == 0 ? UP : DOWN);
            if (second % 2 == 1) {
                assertEquals(List.of(ClusterLinkStatus.PathState.DOWN), standing(), "after " + second + " s");
            }
        }
        assertTrue(written.size() <= 6, "in a minute");
        now = now.plus(Duration.ofSeconds(30));
        see(UP);
        assertEquals(List.of(ClusterLinkStatus.PathState.UP), standing(), "and one that stays comes back");
    }

    @Test
    void aLinkThatFallsSilentOnceWhileItIsMadeIsUpAtOnce() {
        see(Slot.WITH_DOOR_ONLY);
        see(new PathState.Unknown());
        mtu = OptionalInt.of(1280);
        see(UP);
        mtu = OptionalInt.of(1440);
        see(UP);
        see(DOWN);
        see(UP);
        assertEquals(List.of(ClusterLinkStatus.PathState.UP), standing());
    }

    @Test
    void howLargePacketsMayBeGoesAlongOrWaitsUntilThingsAreCalm() {
        mtu = OptionalInt.of(1280);
        see(UP);
        mtu = OptionalInt.of(1440);
        see(UP);
        assertEquals(1280, standingMtu());
        now = now.plus(Duration.ofSeconds(10));
        see(UP);
        assertEquals(1440, standingMtu());
        mtu = OptionalInt.of(1300);
        see(UP, DOWN);
        assertEquals(1300, standingMtu(), "with the other path's state");
    }

    private int standingMtu() {
        return Objects.requireNonNull(
                Objects.requireNonNull(shown.getStatus().paths()).getFirst().mtu());
    }

    @Test
    void theLastLaneThatFallsSilentIsToldOfAtOnceAndTheOthersWait() {
        see(UP, UP);
        for (int flap = 0; flap < 9; flap++) {
            now = now.plus(SECOND);
            see(flap % 2 == 0 ? DOWN : UP, flap % 2 == 0 ? UP : DOWN);
        }
        now = now.plus(SECOND);
        see(DOWN, DOWN);
        assertEquals(List.of(ClusterLinkStatus.PathState.DOWN, ClusterLinkStatus.PathState.DOWN), standing());
        assertEquals(6, written.size());
    }

    @Test
    void whatWasWrittenStandsBeforeTheWatchShowsIt() {
        write(UP);
        ClusterLink up = written.getLast();
        write(DOWN);
        write(DOWN);
        shown = up; // late
        write(DOWN);
        assertEquals(2, written.size());
        now = now.plus(Duration.ofSeconds(2));
        write(DOWN);
        assertEquals(3, written.size(), "somebody else may have written that");
    }

    @Test
    void whatTheApiServerRefusedIsWrittenAsSoonAsItDoesNot() {
        see(UP);
        refusing = true;
        IntStream.range(0, 20).forEach(_ -> write(DOWN));
        refusing = false;
        see(DOWN);
        assertEquals(List.of(ClusterLinkStatus.PathState.DOWN), standing());
    }

    @Test
    void aGatewayThatThePeerDoesNotHaveLeavesNothingUnknown() {
        see(Slot.WITH_DOOR_ONLY, Slot.WITH_DOOR_ONLY);
        assertEquals(List.of(ClusterLinkStatus.PathState.UNKNOWN, ClusterLinkStatus.PathState.UNKNOWN), standing());
        see(DOWN, Slot.WITH_DOOR_ONLY);
        assertEquals(List.of(ClusterLinkStatus.PathState.DOWN), standing());
    }

    private enum Slot {
        WITH_DOOR_ONLY
    }

    /** Writes, and the watch shows it. */
    private void see(Object... slots) {
        write(slots);
        if (!written.isEmpty()) {
            shown = written.getLast();
        }
    }

    private List<ClusterLinkStatus.PathState> standing() {
        return Objects.requireNonNull(shown.getStatus().paths()).stream()
                .map(ClusterLinkStatus.Path::state)
                .toList();
    }

    /** @param slots of each slot of the peer, the state of the lane to it, or that there is only a door */
    private void write(Object... slots) {
        TreeMap<PathKey, Prober.Path> paths = new TreeMap<>();
        List<Peer.Lane> lanes = new ArrayList<>();
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] instanceof PathState state) {
                paths.put(
                        new PathKey(EAST, slot),
                        new Prober.Path(state, OptionalLong.empty(), 0, OptionalLong.empty(), mtu));
                lanes.add(new Peer.Lane(slot, PublicKey.of(bytes(10 + slot)), 1, Optional.empty()));
            }
        }
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
        Peer east = new Peer(
                EAST,
                TunnelAddress.of(IdentityKey.of(bytes(2))),
                LinkView.Access.ALL_PODS,
                IntStream.range(0, slots.length)
                        .mapToObj(
                                slot -> new Peer.Door(slot, PublicKey.of(bytes(20 + slot)), Optional.<Endpoint>empty()))
                        .toList(),
                lanes,
                List.of(Cidr.parse("10.52.0.0/16")));
        World world = new World(local, List.of(), Map.of(), Map.of(), Map.of(), Set.of(), Optional.empty());
        Topology topology = new Topology(local, new TreeMap<>(Map.of(EAST, east)), Map.of());
        writer.write(new Pass(world, topology, true, new TreeMap<>(), Map.of(), paths, Map.of(), List.of()));
    }

    private static ClusterLink link(List<ClusterLinkStatus.Path> paths) {
        ClusterLink link = new ClusterLink();
        link.setMetadata(new ObjectMetaBuilder().withName("east").build());
        link.setStatus(new ClusterLinkStatus(null, null, null, paths, null));
        return link;
    }

    private static byte[] bytes(int value) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
