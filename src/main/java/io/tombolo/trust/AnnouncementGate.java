package io.tombolo.trust;

import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Whether an announcement is the peer's own and newer than the one we hold. Signed first, read after: bytes of strangers
 * are never parsed.
 *
 * @param link the name of the ClusterLink, which is the cluster ID the peer must give
 * @param identities the pinned keys; one of them must have signed
 * @param lastAccepted as kept; ignored where no pinned key signed it (the admin pinned another identity since)
 * @param protocolMin lowest protocol version this build speaks
 * @param protocolMax highest one
 */
public record AnnouncementGate(
        ClusterId link,
        List<IdentityKey> identities,
        Optional<SignedAnnouncement> lastAccepted,
        int protocolMin,
        int protocolMax) {

    public AnnouncementGate {
        identities = List.copyOf(identities);
    }

    public Verdict judge(SignedAnnouncement presented) {
        if (!isSigned(presented)) {
            return refused(
                    Problem.SIGNATURE_INVALID,
                    "announcement.signature",
                    "the announcement presented for " + link + " is signed by none of the pinned identities "
                            + identities);
        }
        Announcement announcement;
        try {
            announcement = AnnouncementCodec.decode(presented.bytes());
        } catch (MalformedMessageException e) {
            return refused(Problem.ANNOUNCEMENT_MALFORMED, "announcement", e.reason());
        }
        if (!announcement.clusterId().equals(link)) {
            return refused(
                    Problem.IDENTITY_MISMATCH,
                    "announcement.clusterId",
                    "the peer calls itself " + announcement.clusterId() + ", and the link is named " + link);
        }
        Optional<SignedAnnouncement> held = lastAccepted.filter(this::isSigned);
        if (held.isPresent() && Arrays.equals(held.get().bytes(), presented.bytes())) {
            return new Verdict.Unchanged();
        }
        long last = held.map(AnnouncementGate::sequence).orElse(0L);
        if (announcement.sequence() <= last) {
            return refused(
                    Problem.REPLAYED,
                    "announcement.sequence",
                    "sequence " + announcement.sequence()
                            + (announcement.sequence() == last
                                    ? " again, with other content"
                                    : " after " + last + " was accepted"));
        }
        if (announcement.protocolMin() > protocolMax || announcement.protocolMax() < protocolMin) {
            return refused(
                    Problem.VERSION_SKEW,
                    "announcement.protocolMin",
                    "the peer speaks protocol " + range(announcement.protocolMin(), announcement.protocolMax())
                            + ", this cluster " + range(protocolMin, protocolMax));
        }
        return new Verdict.Accepted(announcement);
    }

    /**
     * Reads what was accepted before, for a restart: whoever uses the kept bytes verifies them.
     *
     * @return empty where nothing is kept, or what is kept is not (any longer) a valid announcement of this peer
     */
    public Optional<Announcement> held() {
        return lastAccepted.filter(this::isSigned).flatMap(signed -> {
            try {
                return Optional.of(AnnouncementCodec.decode(signed.bytes()))
                        .filter(a -> a.clusterId().equals(link));
            } catch (MalformedMessageException e) {
                return Optional.empty(); // written by a version we do not read: as if there were none
            }
        });
    }

    private boolean isSigned(SignedAnnouncement announcement) {
        return identities.stream().anyMatch(key -> Identity.signed(key, announcement));
    }

    private static long sequence(SignedAnnouncement held) {
        try {
            return AnnouncementCodec.decode(held.bytes()).sequence();
        } catch (MalformedMessageException e) {
            return 0;
        }
    }

    private static String range(int min, int max) {
        return min == max ? String.valueOf(min) : min + " to " + max;
    }

    private static Verdict refused(Problem problem, String field, String message) {
        return new Verdict.Refused(Finding.of(problem, field, message));
    }
}
