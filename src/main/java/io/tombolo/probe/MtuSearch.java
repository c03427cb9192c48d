package io.tombolo.probe;

import io.tombolo.plan.tunnel.Ceilings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds the largest packet that passes one way, in our direction, and notices when it does not any more; without clock or
 * socket: time comes in as nanoseconds, and sizes go out.
 *
 * <pre>
 * CLIMB   a ladder of sizes at once, four times: the largest that arrived passes for sure
 * REFINE  halves what lies between that and the smallest that did not arrive
 * HOLD    now and then a probe of the size that is in use, and seldom a climb to a larger one
 * DOUBT   one of these did not arrive: seven more, and where all are lost a climb finds out what passes
 * </pre>
 *
 * What arrived, passes. What did not was lost for its size only where a smaller probe that was sent later did arrive: plain
 * loss and a dead way say nothing. Eight lost in a row, and four more of the climb that follows, make a size fall: that
 * does not happen by plain loss.
 */
final class MtuSearch {
    /** A probe of no particular size, which says that the way lives. */
    static final int SMALL = 0;

    /** Between two probes of the size that is in use, at least. TCP sends again 0.2, 0.6 and 1.4 s after a loss. */
    static final Duration HOLD = Duration.ofMillis(400);

    /** Bytes. A way that does not take as much carries no more than probes. */
    private static final int LOWEST = 512;

    /** Inner sizes of usual links, less and more what WireGuard adds; multiples of {@link Ceilings#PADDING}. */
    private static final int[] LADDER = {
        LOWEST, 768, 1024, 1152, 1232, 1280, 1328, 1376, 1408, 1424, 1440, 2032, 4080, 8000
    };

    private static final int CLIMBS = 4;
    private static final int DOUBTS = 7;
    private static final long SPACING = Duration.ofMillis(8).toNanos();
    /** How long an answer may take at least. */
    private static final long PATIENCE = Duration.ofMillis(40).toNanos();
    /**
     * A larger size is tried so long after the last search, and ever more seldom where none passes: a path that was only
     * full, and had room for small packets alone, is found to be so after about as long again as it was.
     */
    private static final long RAISE = Duration.ofSeconds(2).toNanos();

    private static final long RAISE_MOST = Duration.ofMinutes(5).toNanos();
    /** Nothing arrived at all: another try. */
    private static final long AGAIN = Duration.ofSeconds(1).toNanos();
    /** So many probes may be on their way. */
    private static final int REMEMBERED = 256;

    private enum Phase {
        /** Nobody to probe: the way is down, or the other side does not tell what arrives. */
        REST,
        CLIMB,
        REFINE,
        HOLD,
        DOUBT
    }

    private final Map<Long, Integer> sizes = new HashMap<>();
    private final Set<Integer> arrived = new HashSet<>();
    private long hold = HOLD.toNanos();
    private int limit;
    private int mtu;
    private boolean known;
    private Phase phase = Phase.REST;
    /** Of a climb: where it begins, since that much is known to pass; 0: nothing is. */
    private int floor;

    private int good;
    private int bad;
    private int rounds;
    private long lastStamp;
    private long lastSent;
    private boolean asked;
    private long next;
    private long raiseAt;
    private long raise = RAISE;

    /**
     * @param limit bytes that the device takes, and the link behind it
     * @param assumed what an agent before us knew to pass, bytes; in use until more is known
     */
    MtuSearch(int limit, int assumed) {
        this.limit = limit;
        this.mtu = Math.min(limit, assumed);
    }

    /** Bytes of the largest packet that passes; empty before that is known. */
    OptionalInt mtu() {
        return known ? OptionalInt.of(mtu) : OptionalInt.empty();
    }

    /** When {@link #due} wants to be asked next. */
    long next() {
        return phase == Phase.REST ? Long.MAX_VALUE : next;
    }

    /** @param interval between two probes of the size that is in use, nanoseconds */
    void limit(int bytes, long interval, long now) {
        hold = interval;
        if (bytes == limit) {
            return;
        }
        boolean more = bytes > limit;
        limit = bytes;
        mtu = Math.min(mtu, limit);
        if (phase != Phase.REST && (more || phase != Phase.HOLD)) {
            climb(phase == Phase.HOLD ? mtu : 0, now);
        }
    }

    /** @param telling whether the other side tells what arrives */
    void way(boolean up, boolean telling, long now) {
        if (up && !telling) {
            phase = Phase.REST;
            known = true;
            mtu = Math.min(limit, Ceilings.DEFAULT - Ceilings.DEFAULT % Ceilings.PADDING);
        } else if (!up) {
            phase = Phase.REST;
        } else if (phase == Phase.REST) {
            raise = RAISE;
            climb(0, now);
        }
    }

    private void climb(int from, long now) {
        phase = Phase.CLIMB;
        floor = from;
        rounds = CLIMBS;
        begin(now);
    }

    private void begin(long now) {
        arrived.clear();
        asked = false;
        next = now;
    }

    /** What was handed out by {@link #due} went out under this stamp, later than any before. */
    void sent(long stamp, int size) {
        if (size == SMALL) {
            return;
        }
        if (sizes.size() >= REMEMBERED) {
            sizes.clear();
        }
        sizes.put(stamp, size);
        lastStamp = stamp;
    }

    /** The other side says that the probe of this stamp is the last that arrived for its size. */
    void arrived(long stamp, long now) {
        Integer size = sizes.remove(stamp);
        if (size == null || size > limit) {
            return;
        }
        arrived.add(size);
        boolean over =
                switch (phase) {
                    case CLIMB -> size == limit;
                    case DOUBT -> size >= mtu;
                    case REFINE -> size >= middle();
                    case HOLD, REST -> false;
                };
        if (over) {
            judge(now);
        }
    }

    /**
     * @param reached when the newest of our probes was sent that the other side received
     * @param rtt round trip, nanoseconds
     * @return sizes of the probes to send now
     */
    List<Integer> due(long now, OptionalLong reached, long rtt) {
        if (phase == Phase.REST || now < next) {
            return List.of();
        }
        if (phase == Phase.HOLD) {
            next = now + PATIENCE + Math.max(0, rtt);
            return hold(now, reached);
        }
        if (rounds > 0) {
            rounds--;
            next = now + SPACING;
            return new ArrayList<>(round());
        }
        if (!asked) {
            asked = true; // behind all others
            next = now + PATIENCE + Math.max(0, rtt);
            return List.of(SMALL);
        }
        if (reached.orElse(Long.MIN_VALUE) > lastStamp) {
            judge(now);
            return due(now, reached, rtt);
        }
        next = now + PATIENCE; // whether it lives is for others to say
        return List.of();
    }

    private List<Integer> hold(long now, OptionalLong reached) {
        if (asked && arrived.contains(mtu)) {
            asked = false;
            next = Math.max(now, lastSent + hold);
            return List.of();
        }
        if (asked && reached.orElse(Long.MIN_VALUE) > lastStamp) {
            phase = Phase.DOUBT;
            rounds = DOUBTS;
            begin(now);
            return due(now, reached, 0);
        }
        if (asked && now - lastSent < hold) {
            next = now + PATIENCE;
            return List.of();
        }
        if (mtu < limit && now >= raiseAt) {
            raise = Math.min(RAISE_MOST, 2 * raise);
            climb(mtu, now);
            return due(now, reached, 0);
        }
        arrived.clear();
        asked = true;
        lastSent = now;
        return List.of(mtu, SMALL);
    }

    /** Of a climb every size above the largest that has arrived. */
    private Set<Integer> round() {
        if (phase == Phase.DOUBT) {
            return Set.of(mtu);
        }
        if (phase == Phase.REFINE) {
            return Set.of(middle());
        }
        return new TreeSet<>(ladder().tailSet(best() + 1));
    }

    private TreeSet<Integer> ladder() {
        TreeSet<Integer> ladder = new TreeSet<>();
        for (int size : LADDER) {
            if (size > floor && size < limit) {
                ladder.add(size);
            }
        }
        if (mtu > floor) {
            ladder.add(mtu);
        }
        ladder.add(limit);
        return ladder;
    }

    private int best() {
        return Math.max(
                floor, arrived.stream().mapToInt(Integer::intValue).max().orElse(0));
    }

    private int middle() {
        int middle = (good + bad) / 2;
        return middle - middle % Ceilings.PADDING;
    }

    private void judge(long now) {
        switch (phase) {
            case DOUBT -> {
                if (best() >= mtu) {
                    settle(now);
                } else {
                    climb(0, now);
                }
            }
            case CLIMB -> {
                good = best();
                if (good == 0) {
                    // not even the lowest: no verdict on sizes
                    climb(0, now);
                    next = now + AGAIN;
                    return;
                }
                Integer above = ladder().higher(good);
                bad = above == null ? good : above;
                if (!known || good < mtu) {
                    use(good);
                }
                refine(now);
            }
            case REFINE -> {
                if (best() >= bad) { // one that came late
                    climb(best(), now);
                    return;
                }
                if (best() >= middle()) {
                    good = middle();
                } else {
                    bad = middle();
                }
                refine(now);
            }
            case HOLD, REST -> {}
        }
    }

    private void use(int bytes) {
        mtu = bytes;
        known = true;
    }

    private void refine(long now) {
        if (middle() > good && middle() < bad) {
            phase = Phase.REFINE;
            rounds = DOUBTS;
            begin(now);
        } else {
            if (good > mtu) {
                raise = RAISE;
            }
            use(good);
            settle(now);
        }
    }

    private void settle(long now) {
        phase = Phase.HOLD;
        raiseAt = now + raise;
        floor = 0;
        begin(now);
        next = now + hold;
    }
}
