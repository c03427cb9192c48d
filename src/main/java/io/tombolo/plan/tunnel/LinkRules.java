package io.tombolo.plan.tunnel;

import io.tombolo.net.Endpoint;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PublicKey;
import io.tombolo.net.TunnelAddress;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rules about what a spec says of its peer: name, identities, doors, endpoints. Links are judged eldest first. */
final class LinkRules {
    private final LocalView local;
    private final LocalRules rules;
    private final KeyRing keys;
    private final Map<Endpoint, String> endpoints = new HashMap<>();

    LinkRules(LocalView local, LocalRules rules, KeyRing keys) {
        this.local = local;
        this.rules = rules;
        this.keys = keys;
    }

    void judge(PeerDraft draft) {
        LinkView link = draft.link();
        if (link.name().equals(local.clusterId())) {
            draft.refuse(Finding.of(
                    Problem.SELF_LINK, "metadata.name", link.name() + " is the cluster ID of this very cluster"));
            return;
        }
        judgeIdentities(draft);
        if (draft.isAbsent()) {
            return;
        }
        judgeDoors(draft);
        if (draft.isAbsent()) {
            return; // what a broken link claims does not count against others
        }
        for (IdentityKey identity : link.identities()) {
            keys.add(identity, draft.toString());
            rules.guardTunnel(TunnelAddress.of(identity), "the tunnel addresses of " + draft);
        }
        for (Peer.Door door : draft.doors) {
            keys.add(door.key(), draft + ", gateway " + door.slot());
            door.endpoint().ifPresent(e -> endpoints.putIfAbsent(e, draft + ", gateway " + door.slot()));
        }
    }

    private void judgeIdentities(PeerDraft draft) {
        List<IdentityKey> identities = draft.link().identities();
        if (identities.isEmpty()) {
            draft.refuse(Finding.of(Problem.KEY_WEAK, "spec.identities", "no identity is pinned"));
        }
        for (int i = 0; i < identities.size(); i++) {
            keys.refusal(identities.get(i), "spec.identities[" + i + "]").ifPresent(draft::refuse);
        }
    }

    private void judgeDoors(PeerDraft draft) {
        Set<PublicKey> seenKeys = new HashSet<>();
        Set<Endpoint> seenEndpoints = new HashSet<>();
        for (LinkView.PinnedGateway gateway : draft.link().gateways()) {
            String path = "spec.gateways[slot=" + gateway.slot() + "]";
            Optional<Finding> badKey = keys.pastedRefusal(gateway.doorKey(), path + ".publicKey");
            if (badKey.isEmpty() && !seenKeys.add(gateway.doorKey())) {
                badKey = Optional.of(Finding.of(
                        Problem.KEY_DUPLICATE,
                        path + ".publicKey",
                        gateway.doorKey() + " is also the key of another gateway of this link"));
            }
            Optional<Finding> badEndpoint =
                    gateway.endpoint().flatMap(e -> refusal(e, seenEndpoints, path + ".endpoint"));
            badKey.ifPresent(draft::fault);
            badEndpoint.ifPresent(draft::fault);
            if (badKey.isEmpty()) {
                Optional<Endpoint> dialled = badEndpoint.isPresent() ? Optional.empty() : gateway.endpoint();
                draft.doors.add(new Peer.Door(gateway.slot(), gateway.doorKey(), dialled));
            }
        }
    }

    private Optional<Finding> refusal(Endpoint endpoint, Set<Endpoint> seen, String field) {
        if (!seen.add(endpoint)) {
            return Optional.of(Finding.of(
                    Problem.ENDPOINT_CONFLICT, field, endpoint + " is also that of another gateway of this link"));
        }
        return refusal(endpoint, field);
    }

    /** What is wrong with an endpoint, whether it stands in the spec or was announced. */
    Optional<Finding> refusal(Endpoint endpoint, String field) {
        return rules.refusal(endpoint, field).or(() -> Optional.ofNullable(endpoints.get(endpoint))
                .map(owner -> Finding.of(Problem.ENDPOINT_CONFLICT, field, endpoint + " is also that of " + owner)));
    }
}
