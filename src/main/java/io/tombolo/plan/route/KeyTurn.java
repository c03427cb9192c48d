package io.tombolo.plan.route;

import io.tombolo.net.ClusterId;
import java.util.List;

/**
 * What a gateway whose lane key is being rotated does next. Its lanes change to the next key one after the other, each
 * while our own packets take other lanes: the peer lets the next key in, but gives it our addresses only when it has
 * heard it, and drops what we send meanwhile. What the peer sends arrives throughout, for WireGuard goes on reading the
 * sessions of the key before.
 */
public sealed interface KeyTurn {
    /** Every lane has the newest key. */
    record Done() implements KeyTurn {}

    /** @param held ways that keep the lanes from changing: alive, and the peer has not followed or there is no other way */
    record Wait(List<Way> held) implements KeyTurn {
        public Wait {
            held = List.copyOf(held);
        }
    }

    /** This lane is the next one: when our packets have kept off it for long enough it can change. */
    record Turn(int lane) implements KeyTurn {}

    /**
     * A lane of ours.
     *
     * @param turned whether it has the newest key
     */
    record Lane(int lane, boolean turned, List<Way> ways) {
        public Lane {
            ways = List.copyOf(ways);
        }
    }

    /**
     * A peer on a lane.
     *
     * @param follows whether its gateway there lets our next key in
     * @param hasOther whether our packets have another way to it, for as long as the change takes
     */
    record Way(ClusterId peer, int lane, PathState state, boolean follows, boolean hasOther) {
        /** Nothing is lost where nobody answers, and the doors heal it; of what is not known yet that cannot be said. */
        private boolean isFree() {
            return switch (state) {
                case PathState.Up _ -> follows && hasOther;
                case PathState.Down _ -> true;
                case PathState.Unknown _ -> false;
            };
        }
    }

    /** @param lanes in the order in which they change */
    static KeyTurn plan(List<Lane> lanes) {
        List<Lane> open = lanes.stream().filter(lane -> !lane.turned()).toList();
        if (open.isEmpty()) {
            return new Done();
        }
        return open.stream()
                .filter(lane -> lane.ways().stream().allMatch(Way::isFree))
                .findFirst()
                .<KeyTurn>map(lane -> new Turn(lane.lane()))
                .orElseGet(() -> new Wait(open.stream()
                        .flatMap(lane -> lane.ways().stream())
                        .filter(way -> !way.isFree())
                        .toList()));
    }
}
