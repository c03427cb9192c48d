package io.tombolo.plan.tunnel;

import io.tombolo.net.Cidr;
import io.tombolo.net.IdentityKey;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.net.TunnelAddress;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Every key in use and whose it is. Two peers with one key on a device would be one peer, with the prefixes of both. */
final class KeyRing {
    private final Map<PublicKey, String> ours = new HashMap<>();
    private final Map<PublicKey, String> theirs = new HashMap<>();
    private final Map<IdentityKey, String> identities = new HashMap<>();
    private final Map<Cidr, String> networks = new HashMap<>();
    private final IdentityKey ourIdentity;

    KeyRing(LocalView local) {
        ourIdentity = local.identity();
        networks.put(local.tunnelAddress().network(), "this cluster");
        for (LocalView.Gateway gateway : local.gateways()) {
            ours.put(gateway.doorKey(), "door key of its gateway " + gateway.slot());
            ours.put(gateway.laneKey(), "lane key of its gateway " + gateway.slot());
            gateway.nextLaneKey().ifPresent(key -> ours.put(key, "next lane key of its gateway " + gateway.slot()));
        }
    }

    void add(PublicKey key, String owner) {
        theirs.putIfAbsent(key, owner);
    }

    void add(IdentityKey key, String owner) {
        identities.putIfAbsent(key, owner);
        networks.putIfAbsent(TunnelAddress.of(key).network(), owner);
    }

    Optional<Finding> refusal(IdentityKey key, String field) {
        if (key.isWeak()) {
            return Optional.of(Finding.of(Problem.KEY_WEAK, field, key + " is a point of small order"));
        }
        if (key.equals(ourIdentity)) {
            return Optional.of(Finding.of(Problem.KEY_IS_LOCAL, field, "this is the identity of this very cluster"));
        }
        String owner = identities.get(key);
        if (owner == null) {
            // never by accident: 56 bits of a hash would have to agree
            owner = networks.get(TunnelAddress.of(key).network());
        }
        return Optional.ofNullable(owner)
                .map(other -> Finding.of(
                        Problem.KEY_DUPLICATE,
                        field,
                        key + " (or the tunnel prefix it stands for) is that of " + other));
    }

    /** What is wrong with a door key of the spec: where people paste, they paste private keys too. */
    Optional<Finding> pastedRefusal(PublicKey key, String field) {
        return refusal(key, field).or(() -> ownerOfPrivate(key)
                .map(which -> Finding.of(
                        Problem.KEY_IS_LOCAL,
                        field,
                        "this is the PRIVATE half of this cluster's " + which
                                + ": take it out of the link and replace that key")));
    }

    private Optional<String> ownerOfPrivate(PublicKey key) {
        return mayBePrivate(key)
                ? Optional.ofNullable(ours.get(PrivateKey.parse(key.toString()).publicKey()))
                : Optional.empty();
    }

    /** Our private keys are stored clamped (RFC 7748 section 5); one public key in 16 looks alike, and half a millisecond tells. */
    private static boolean mayBePrivate(PublicKey key) {
        byte[] bytes = key.bytes();
        return (bytes[0] & 7) == 0 && (bytes[31] & 0xc0) == 0x40;
    }

    /** Never repeats a key that is ours: what looks like our public key may have been pasted together with the private one. */
    Optional<Finding> refusal(PublicKey key, String field) {
        if (key.isWeak()) {
            return Optional.of(Finding.of(Problem.KEY_WEAK, field, key + " is all zero or a point of small order"));
        }
        String own = ours.get(key);
        if (own != null) {
            return Optional.of(Finding.of(Problem.KEY_IS_LOCAL, field, "this is this cluster's own " + own));
        }
        return Optional.ofNullable(theirs.get(key))
                .map(owner -> Finding.of(Problem.KEY_DUPLICATE, field, key + " is also the key of " + owner));
    }
}
