package io.tombolo.gateway.door;

import io.tombolo.host.StateDirectory;
import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.plan.tunnel.TopologyPlanner;
import io.tombolo.plan.tunnel.Wire;
import io.tombolo.problem.Finding;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.AnnouncementGate;
import io.tombolo.trust.SignedAnnouncement;
import io.tombolo.trust.Verdict;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The last accepted announcement of every peer: kept as the bytes that were signed, on disk and in memory, and verified
 * again by every reader. A refused announcement changes nothing but what {@link #findings} says.
 *
 * <p>Any thread may call any method.
 */
public final class AnnouncementBook {
    private static final System.Logger LOG = System.getLogger(AnnouncementBook.class.getName());
    private static final String FILE = "announcements";

    private final StateDirectory disk;
    private final Runnable changed;
    private final Map<ClusterId, SignedAnnouncement> held = new TreeMap<>();
    private final Map<ClusterId, Long> acknowledged = new TreeMap<>();
    private final SortedMap<ClusterId, Finding> findings = new TreeMap<>();
    /** What was made of it last: every pass asks, and a signature takes longer to verify than all the rest of a plan. */
    private final Map<ClusterId, Read> read = new TreeMap<>();

    private List<LinkView> links = List.of();
    private Optional<LocalView> local = Optional.empty();

    private record Read(List<IdentityKey> identities, SignedAnnouncement signed, Optional<Announcement> announcement) {}

    /** @param changed called after an announcement was accepted, or a finding came or went: return at once */
    public AnnouncementBook(StateDirectory disk, Runnable changed) {
        this.disk = disk;
        this.changed = changed;
        load();
    }

    private void load() {
        try {
            switch (disk.read(FILE)) {
                case StateDirectory.Stored.Absent _ -> {}
                case StateDirectory.Stored.Corrupt(String reason) ->
                    LOG.log(Level.WARNING, "announcements on disk: {0}", reason);
                case StateDirectory.Stored.Whole whole -> whole.text().lines().forEach(this::line);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(Level.WARNING, "announcements on disk cannot be read; those in status serve", e);
        }
    }

    private void line(String line) {
        String[] words = line.split(" ", -1);
        if (words.length == 3) {
            Base64.Decoder base64 = Base64.getDecoder();
            held.put(new ClusterId(words[0]), new SignedAnnouncement(base64.decode(words[1]), base64.decode(words[2])));
        }
    }

    /**
     * Follows the links. What a link's status holds counts where it is newer than ours: another gateway has heard it.
     *
     * @param now every link as its spec says it; what they hold as announced is ignored
     * @param fromStatus the signed bytes in each link's status
     * @return the links with what each peer was last heard and verified to announce
     */
    public synchronized List<LinkView> follow(
            LocalView us, List<LinkView> now, Map<ClusterId, SignedAnnouncement> fromStatus) {
        local = Optional.of(us);
        boolean dirty = held.keySet()
                .removeIf(peer -> now.stream().noneMatch(l -> l.name().equals(peer)));
        acknowledged.keySet().retainAll(held.keySet());
        read.keySet().retainAll(held.keySet());
        findings.keySet().removeIf(peer -> now.stream().noneMatch(l -> l.name().equals(peer)));
        List<LinkView> views = new ArrayList<>();
        for (LinkView link : now) {
            SignedAnnouncement other = fromStatus.get(link.name());
            if (other != null
                    && !Optional.of(other).equals(Optional.ofNullable(held.get(link.name())))
                    && gate(link).judge(other) instanceof Verdict.Accepted) {
                held.put(link.name(), other);
                dirty = true;
            }
            views.add(withHeld(link));
        }
        links = List.copyOf(views);
        if (dirty) {
            save();
        }
        return links;
    }

    /**
     * A peer presents an announcement, through the door or the exchange.
     *
     * @return what is wrong with it; empty where it is in force now, or was already
     */
    public Optional<Finding> offer(ClusterId peer, SignedAnnouncement presented) {
        Optional<Finding> refusal;
        boolean differs;
        synchronized (this) {
            Optional<LinkView> link =
                    links.stream().filter(l -> l.name().equals(peer)).findFirst();
            if (link.isEmpty() || local.isEmpty()) {
                return Optional.empty(); // the link has just gone
            }
            Verdict verdict = gate(link.get()).judge(presented);
            refusal = switch (verdict) {
                case Verdict.Unchanged _ -> Optional.empty();
                case Verdict.Refused(Finding finding) -> Optional.of(finding);
                case Verdict.Accepted(Announcement announcement) ->
                    TopologyPlanner.acceptable(local.get(), links, link.get(), announcement);
            };
            differs = !refusal.equals(Optional.ofNullable(findings.get(peer)));
            refusal.ifPresentOrElse(f -> findings.put(peer, f), () -> findings.remove(peer));
            if (refusal.isEmpty() && verdict instanceof Verdict.Accepted) {
                held.put(peer, presented);
                links = links.stream().map(this::withHeld).toList();
                save();
                differs = true;
            }
        }
        if (differs) {
            refusal.ifPresentOrElse(
                    f -> LOG.log(
                            Level.WARNING, "{0}: {1}: {2}", peer, f.problem().reason(), f.message()),
                    () -> LOG.log(Level.INFO, "{0}: announcement accepted", peer));
            changed.run();
        }
        return refusal;
    }

    /** The peer says that it holds our announcement of this sequence. */
    public void acknowledged(ClusterId peer, long sequence) {
        boolean differs;
        synchronized (this) {
            differs = links.stream().anyMatch(l -> l.name().equals(peer))
                    && !Long.valueOf(sequence).equals(acknowledged.put(peer, sequence));
        }
        if (differs) {
            changed.run();
        }
    }

    /** Sequence of the peer's last accepted announcement; 0 where there is none. */
    public synchronized long sequence(ClusterId peer) {
        return links.stream()
                .filter(l -> l.name().equals(peer))
                .flatMap(l -> l.announced().stream())
                .mapToLong(Announcement::sequence)
                .findFirst()
                .orElse(0);
    }

    /** Highest sequence of ours that the peer says it holds; 0 before it said so. */
    public synchronized long acknowledgedBy(ClusterId peer) {
        return acknowledged.getOrDefault(peer, 0L);
    }

    /** The accepted bytes by peer. */
    public synchronized Map<ClusterId, SignedAnnouncement> accepted() {
        return Map.copyOf(held);
    }

    /** The last refusal of each peer; gone with the next announcement that passes. */
    public synchronized SortedMap<ClusterId, Finding> findings() {
        return new TreeMap<>(findings);
    }

    private AnnouncementGate gate(LinkView link) {
        return new AnnouncementGate(
                link.name(),
                link.identities(),
                Optional.ofNullable(held.get(link.name())),
                Wire.PROTOCOL,
                Wire.PROTOCOL);
    }

    private LinkView withHeld(LinkView link) {
        SignedAnnouncement signed = held.get(link.name());
        if (signed == null) {
            return link;
        }
        Read last = read.get(link.name());
        if (last == null || !last.signed().equals(signed) || !last.identities().equals(link.identities())) {
            last = new Read(link.identities(), signed, gate(link).held());
            read.put(link.name(), last);
        }
        return last.announcement().map(link::withAnnounced).orElse(link);
    }

    private void save() {
        StringBuilder text = new StringBuilder();
        Base64.Encoder base64 = Base64.getEncoder();
        held.forEach((peer, signed) -> text.append(peer)
                .append(' ')
                .append(base64.encodeToString(signed.bytes()))
                .append(' ')
                .append(base64.encodeToString(signed.signature()))
                .append('\n'));
        try {
            disk.write(FILE, text.toString().getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "announcements cannot be kept on disk; those in status serve after a restart", e);
        }
    }
}
