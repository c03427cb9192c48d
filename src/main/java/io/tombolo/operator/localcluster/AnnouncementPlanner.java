package io.tombolo.operator.localcluster;

import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.AnnouncementCodec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** What to announce next: nothing, while what was announced last still says it all. */
final class AnnouncementPlanner {
    /**
     * How far ahead of our clock a peer may push our sequence by what it claims to hold. Without a bound a hostile peer
     * could drive it to the end of its range, and no announcement would ever be above it again.
     */
    static final Duration FARTHEST = Duration.ofDays(366);

    private AnnouncementPlanner() {}

    /**
     * The sequence rises with our clock, above our last one, and above what any peer holds of us: a cluster rebuilt with
     * its Secrets but without its last announcement speaks above its former self at once or, where its clock went back,
     * as soon as one peer has told what it holds.
     *
     * @param announced the last announcement, if it was signed by our identity; empty otherwise
     * @param lastSequence of whatever was announced last, whoever signed it; 0 where nothing was
     * @param acknowledged highest sequence of ours that each peer says it holds
     * @param nowMillis since the epoch
     * @return what to sign; empty where {@code announced} holds
     */
    static Optional<Announcement> next(
            LocalView local,
            Optional<Announcement> announced,
            long lastSequence,
            List<Long> acknowledged,
            long nowMillis) {
        long farthest = nowMillis + FARTHEST.toMillis();
        long held = acknowledged.stream()
                .mapToLong(Long::longValue)
                .filter(sequence -> sequence < farthest)
                .max()
                .orElse(0);
        List<Announcement.Slot> slots = local.gateways().stream()
                .map(g -> new Announcement.Slot(g.slot(), g.laneKey(), g.generation(), g.nextLaneKey(), g.endpoints()))
                .toList();
        long sequence =
                LongStream.of(lastSequence + 1, nowMillis, held + 1).max().orElseThrow();
        Announcement wanted = new Announcement(
                local.clusterId(),
                sequence,
                Wire.PROTOCOL,
                Wire.PROTOCOL,
                slots,
                local.announced().stream()
                        .limit(AnnouncementCodec.MAX_PREFIXES) // where it is more the LocalCluster says so
                        .toList());
        return announced
                        .filter(a -> a.sequence() >= held && sameContent(a, wanted))
                        .isPresent()
                ? Optional.empty()
                : Optional.of(wanted);
    }

    private static boolean sameContent(Announcement a, Announcement b) {
        return a.clusterId().equals(b.clusterId())
                && a.protocolMin() == b.protocolMin()
                && a.protocolMax() == b.protocolMax()
                && a.slots().equals(b.slots())
                && a.prefixes().equals(b.prefixes());
    }
}
