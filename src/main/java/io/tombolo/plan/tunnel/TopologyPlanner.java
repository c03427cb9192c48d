package io.tombolo.plan.tunnel;

import io.tombolo.net.ClusterId;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.problem.Severity;
import io.tombolo.trust.Announcement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Who our peers are and what they may reach: every rule about links and announcements meets here. One broken link never
 * stops another, and the order of the inputs does not count.
 *
 * <p>An announcement is judged twice. When it arrives, {@link #acceptable} refuses it whole, and the caller keeps the last
 * good one. What was accepted is judged again with every plan, because the world around it changes (a node gets an address
 * inside a peer's prefix): then only what offends is left out.
 */
public final class TopologyPlanner {
    /** Whose word counts first where two links want one thing. */
    private static final Comparator<LinkView> BY_AGE =
            Comparator.comparing(LinkView::created).thenComparing(LinkView::uid).thenComparing(LinkView::name);

    private TopologyPlanner() {}

    public static Topology plan(LocalView local, Collection<LinkView> links) {
        Comparator<LinkView> byClaim =
                Comparator.comparing((LinkView link) -> link.pin().isEmpty()).thenComparing(BY_AGE);
        return topology(local, judge(local, links, BY_AGE, byClaim));
    }

    /**
     * Whether an announcement that just arrived may be accepted. What other links hold already stands, however young they
     * are, or an old peer could take a younger one's prefixes; only a pin beats it.
     *
     * @param others every other link, with what it announced; {@code link} itself may be among them and is ignored
     * @param link whose peer presents {@code candidate}
     * @param candidate verified ({@link io.tombolo.trust.AnnouncementGate}), not yet stored
     * @return what is wrong; the whole announcement is refused then. Empty where it may be stored
     */
    public static Optional<Finding> acceptable(
            LocalView local, Collection<LinkView> others, LinkView link, Announcement candidate) {
        LinkView presented = link.withAnnounced(candidate);
        List<LinkView> links = new ArrayList<>(others);
        links.removeIf(other -> other.name().equals(link.name()));
        links.add(presented);
        Comparator<LinkView> candidateLast = Comparator.comparing(
                        (LinkView l) -> l.name().equals(link.name()))
                .thenComparing(BY_AGE);
        Comparator<LinkView> byClaim =
                Comparator.comparing((LinkView l) -> l.pin().isEmpty()).thenComparing(candidateLast);
        PeerDraft draft = judge(local, links, candidateLast, byClaim).get(link.name());
        if (draft == null) {
            throw new IllegalStateException("no draft of " + link.name());
        }
        return draft.findings().stream()
                .filter(f -> f.problem().severity() == Severity.ERROR)
                // a link that was connected goes on with faults in its spec, and so do its announcements
                .filter(f -> f.field().startsWith("announcement")
                        || draft.isAbsent()
                        || link.announced().isEmpty())
                .findFirst();
    }

    /** @param byKey order in which announced keys are claimed; {@code byClaim} is that of prefixes and endpoints */
    private static Map<ClusterId, PeerDraft> judge(
            LocalView local, Collection<LinkView> links, Comparator<LinkView> byKey, Comparator<LinkView> byClaim) {
        LocalRules rules = new LocalRules(local);
        KeyRing keys = new KeyRing(local);
        LinkRules linkRules = new LinkRules(local, rules, keys);
        List<PeerDraft> drafts =
                links.stream().sorted(BY_AGE).map(PeerDraft::new).toList();
        drafts.forEach(linkRules::judge);
        PrefixRules prefixRules = new PrefixRules(local, rules, linkRules);
        present(drafts, byClaim).forEach(prefixRules::judge);
        present(drafts, byKey).forEach(draft -> dropBadLanes(draft, keys));
        // what somebody has goes before what somebody is to have
        present(drafts, byKey).forEach(draft -> dropBadNextKeys(draft, keys));
        present(drafts, BY_AGE).forEach(draft -> noteNoEndpoint(draft, local));
        return drafts.stream().collect(Collectors.toMap(PeerDraft::name, draft -> draft));
    }

    private static List<PeerDraft> present(List<PeerDraft> drafts, Comparator<LinkView> order) {
        return drafts.stream()
                .filter(draft -> !draft.isAbsent())
                .sorted(Comparator.comparing(PeerDraft::link, order))
                .toList();
    }

    private static void dropBadLanes(PeerDraft draft, KeyRing keys) {
        draft.lanes.removeIf(lane -> {
            Optional<Finding> bad = keys.refusal(lane.key(), "announcement.slots[slot=" + lane.slot() + "].laneKey");
            bad.ifPresent(draft::note);
            if (bad.isEmpty()) {
                keys.add(lane.key(), draft + ", lanes of gateway " + lane.slot());
            }
            return bad.isPresent();
        });
    }

    private static void dropBadNextKeys(PeerDraft draft, KeyRing keys) {
        draft.lanes.replaceAll(lane -> lane.next()
                .flatMap(next -> keys.refusal(next, "announcement.slots[slot=" + lane.slot() + "].nextKey"))
                .map(bad -> {
                    draft.note(bad);
                    return new Peer.Lane(lane.slot(), lane.key(), lane.generation(), lane.endpoint());
                })
                .orElse(lane));
        draft.lanes.forEach(lane -> lane.next()
                .ifPresent(next -> keys.add(next, draft + ", lanes of gateway " + lane.slot() + " to come")));
    }

    /** Nobody can begin. Who has met the peer before has met it somehow: the paths tell whether it still answers. */
    private static void noteNoEndpoint(PeerDraft draft, LocalView local) {
        if (draft.link().announced().isEmpty()
                && draft.endpoints().isEmpty()
                && local.gateways().stream().allMatch(g -> g.endpoints().isEmpty())) {
            draft.note(Finding.of(
                    Problem.NO_ENDPOINT,
                    "spec.gateways",
                    "no gateway of " + draft + " has an endpoint, and none of this cluster's advertises one"));
        }
    }

    private static Topology topology(LocalView local, Map<ClusterId, PeerDraft> drafts) {
        SortedMap<ClusterId, Peer> peers = new TreeMap<>();
        SortedMap<ClusterId, List<Finding>> findings = new TreeMap<>();
        drafts.forEach((name, draft) -> {
            if (!draft.isAbsent()) {
                peers.put(name, draft.peer());
            }
            if (!draft.findings().isEmpty()) {
                findings.put(name, draft.findings());
            }
        });
        return new Topology(local, peers, findings);
    }
}
