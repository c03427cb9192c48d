package io.tombolo.plan.tunnel;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.Endpoint;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.Announcement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rules about prefixes, and about endpoints beside prefixes. Peers are judged in the order of their claims, and what
 * one holds the next cannot have. A pin is a claim by itself, whether announced yet or not: it is the admin's word.
 */
final class PrefixRules {
    private static final String PIN = "spec.prefixes";
    private static final String ANNOUNCED = "announcement.prefixes";

    private final LocalRules rules;
    private final LinkRules links;
    private final CidrIndex<PeerDraft> claims = new CidrIndex<>();
    private final CidrIndex<PeerDraft> gateways = new CidrIndex<>();
    private final AliasAdvice advice;

    PrefixRules(LocalView local, LocalRules rules, LinkRules links) {
        this.rules = rules;
        this.links = links;
        this.advice = new AliasAdvice(local, this::isFree);
    }

    void judge(PeerDraft draft) {
        List<Cidr> pin = judgePin(draft);
        judgeDoorEndpoints(draft);
        if (draft.isAbsent()) {
            return; // what a broken link claims does not count against others
        }
        draft.link().announced().ifPresent(announced -> {
            judgeAnnounced(draft, announced);
            chooseLanes(draft, announced);
        });
        pin.forEach(cidr -> claims.add(cidr, draft));
        // not all of them lie in a sound pin: a pin too broad to stand may hold prefixes that can
        draft.prefixes.forEach(cidr -> claims.add(cidr, draft));
        draft.endpoints().forEach(e -> gateways.add(Cidr.host(e.address()), draft));
    }

    /** @return the entries that hold */
    private List<Cidr> judgePin(PeerDraft draft) {
        List<Cidr> sound = new ArrayList<>();
        for (Cidr cidr : draft.link().pin()) {
            Optional<Finding> bad = refusal(draft, cidr, PIN);
            bad.ifPresent(draft::fault);
            if (bad.isEmpty()) {
                sound.add(cidr);
            }
        }
        return sound;
    }

    private void judgeDoorEndpoints(PeerDraft draft) {
        draft.doors.replaceAll(door -> {
            Optional<Finding> bad = door.endpoint()
                    .flatMap(e -> inClaims(e, "spec.gateways[slot=" + door.slot() + "].endpoint.address"));
            bad.ifPresent(draft::fault);
            return bad.isEmpty() ? door : new Peer.Door(door.slot(), door.key(), Optional.empty());
        });
    }

    private void judgeAnnounced(PeerDraft draft, Announcement announced) {
        List<Cidr> sound4 = new ArrayList<>();
        List<Cidr> sound6 = new ArrayList<>();
        for (Cidr prefix : announced.prefixes().stream().sorted().toList()) {
            Optional<Finding> bad = refusal(draft, prefix, ANNOUNCED).or(() -> approval(draft.link(), prefix));
            bad.ifPresent(draft::note);
            if (bad.isEmpty()) {
                List<Cidr> sound = prefix.isIpv4() ? sound4 : sound6;
                sound.add(prefix);
                if (LocalRules.coverTooMuch(sound)) {
                    sound.removeLast();
                    draft.note(Finding.of(
                            Problem.CIDR_TOO_BROAD,
                            ANNOUNCED,
                            prefix + " and the prefixes before it together cover more than a single one may"));
                }
            }
        }
        draft.prefixes.addAll(sound4);
        draft.prefixes.addAll(sound6);
    }

    private static Optional<Finding> approval(LinkView link, Cidr prefix) {
        return link.pin().isEmpty() || prefix.isCoveredBy(link.pin())
                ? Optional.empty()
                : Optional.of(Finding.of(
                        Problem.CIDR_NOT_APPROVED, ANNOUNCED, prefix + " lies in none of spec.prefixes " + link.pin()));
    }

    private Optional<Finding> refusal(PeerDraft draft, Cidr cidr, String field) {
        return rules.refusal(cidr, field)
                .map(bad -> advised(draft, cidr, bad))
                .or(() -> holdsOwnEndpoint(draft, cidr, field))
                .or(() -> gateways.overlapping(cidr)
                        .map(hit -> Finding.of(
                                Problem.CIDR_OVERLAP_PEER,
                                field,
                                cidr + " holds a gateway of " + hit.getValue() + " ("
                                        + Addresses.text(hit.getKey().network()) + ")")))
                .or(() -> claims.overlapping(cidr).map(hit -> lose(draft, cidr, field, hit)));
    }

    private Finding advised(PeerDraft draft, Cidr cidr, Finding bad) {
        return bad.problem() == Problem.CIDR_OVERLAP_LOCAL
                ? Finding.of(bad.problem(), bad.field(), bad.message() + advice.words(draft.name(), cidr))
                : bad;
    }

    private boolean isFree(Cidr cidr) {
        return rules.refusal(cidr, "").isEmpty()
                && gateways.overlapping(cidr).isEmpty()
                && claims.overlapping(cidr).isEmpty();
    }

    private static Finding lose(PeerDraft draft, Cidr cidr, String field, Map.Entry<Cidr, PeerDraft> hit) {
        PeerDraft holder = hit.getValue();
        holder.note(Finding.of(
                Problem.CIDR_CLAIMED,
                holder.link().pin().isEmpty() ? ANNOUNCED : PIN,
                hit.getKey() + " stays here; " + draft + " claims " + cidr));
        return Finding.of(Problem.CIDR_OVERLAP_PEER, field, cidr + " overlaps " + hit.getKey() + " of " + holder);
    }

    private static Optional<Finding> holdsOwnEndpoint(PeerDraft draft, Cidr cidr, String field) {
        return draft.doors.stream()
                .flatMap(door -> door.endpoint().stream())
                .filter(e -> cidr.contains(e.address()))
                .findFirst()
                .map(e -> Finding.of(Problem.ENDPOINT_IN_TUNNEL, field, cidr + " holds the peer's own gateway " + e));
    }

    private Optional<Finding> inClaims(Endpoint endpoint, String field) {
        return claims.overlapping(Cidr.host(endpoint.address()))
                .map(hit -> Finding.of(
                        Problem.ENDPOINT_CONFLICT,
                        field,
                        endpoint + " lies in " + hit.getKey() + " of " + hit.getValue()));
    }

    /**
     * A slot the admin pinned is dialled where the pin says, or not at all: announced endpoints may be addresses that mean
     * something else here. Only a slot that no pin knows (a gateway added since) is dialled where the peer says.
     */
    private void chooseLanes(PeerDraft draft, Announcement announced) {
        for (Announcement.Slot slot : announced.slots()) {
            boolean pinned = draft.link().gateways().stream().anyMatch(g -> g.slot() == slot.slot());
            Optional<Endpoint> endpoint = pinned
                    ? draft.doors.stream()
                            .filter(door -> door.slot() == slot.slot())
                            .findFirst()
                            .flatMap(Peer.Door::endpoint)
                    : announcedEndpoint(draft, slot);
            draft.lanes.add(new Peer.Lane(slot.slot(), slot.laneKey(), slot.generation(), slot.nextKey(), endpoint));
        }
    }

    private Optional<Endpoint> announcedEndpoint(PeerDraft draft, Announcement.Slot slot) {
        String field = "announcement.slots[slot=" + slot.slot() + "].endpoints";
        for (Endpoint endpoint : slot.endpoints()) {
            Optional<Finding> bad = links.refusal(endpoint, field)
                    .or(() -> draft.prefixes.stream()
                            .filter(prefix -> prefix.contains(endpoint.address()))
                            .findFirst()
                            .map(prefix -> Finding.of(
                                    Problem.ENDPOINT_IN_TUNNEL,
                                    field,
                                    endpoint + " lies in " + prefix + ", which is reached through it")))
                    .or(() -> inClaims(endpoint, field));
            if (bad.isEmpty()) {
                return Optional.of(endpoint);
            }
            draft.note(bad.get());
        }
        return Optional.empty();
    }
}
