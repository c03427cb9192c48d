package io.tombolo.plan.tunnel;

import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import java.math.BigInteger;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which aliases make two clusters with the same pod range reach each other. Each of the two follows the advice of its own
 * side only, so what both would choose for one cluster follows from the names of the two.
 */
final class AliasAdvice {
    /** Shared address space (RFC 6598), which hardly any cluster uses; a part of fd00::/8 (RFC 4193). */
    private static final Cidr SPACE_4 = Cidr.parse("100.64.0.0/10");

    private static final Cidr SPACE_6 = Cidr.parse("fd64::/16");

    /** As broad as the range of a whole cluster usually is: one for its first node alone would not last. */
    private static final int CLUSTER_4 = 16;

    private static final int CLUSTER_6 = 56;

    private static final int CHOICES = 64;

    private final LocalView local;
    private final Predicate<Cidr> free;

    /** @param free whether a prefix is nobody's that we know */
    AliasAdvice(LocalView local, Predicate<Cidr> free) {
        this.local = local;
        this.free = free;
    }

    /** What to set where, so that {@code prefix} of {@code peer} need not be refused for being ours, too. */
    String words(ClusterId peer, Cidr prefix) {
        Cidr theirs = ofCluster(prefix);
        Optional<Cidr> ours = local.announced().stream()
                .filter(cidr -> cidr.overlaps(prefix) && !local.aliases().holds(cidr))
                .findFirst()
                .map(AliasAdvice::ofCluster);
        boolean weAreFirst = local.clusterId().compareTo(peer) < 0;
        Optional<Cidr> first = choose(weAreFirst ? local.clusterId() : peer, theirs, free);
        Optional<Cidr> second =
                choose(weAreFirst ? peer : local.clusterId(), theirs, free.and(cidr -> first.filter(cidr::overlaps)
                        .isEmpty()));
        Optional<Cidr> there = weAreFirst ? second : first;
        Optional<Cidr> here = weAreFirst ? first : second;
        return there.flatMap(alias -> ours.isEmpty()
                        ? Optional.of("set " + pair(theirs, alias) + " in " + peer)
                        : here.map(own -> "set " + pair(theirs, alias) + " in " + peer + " and "
                                + pair(
                                        ours.get(),
                                        Cidr.containing(
                                                own.network(), ours.get().length())) + " here"))
                .map(set -> "; in spec.network.aliases of LocalCluster, " + set)
                .orElse("");
    }

    private static String pair(Cidr cidr, Cidr alias) {
        return "{cidr: " + cidr + ", alias: " + alias + "}";
    }

    private static Cidr ofCluster(Cidr prefix) {
        return Cidr.containing(prefix.network(), Math.min(prefix.length(), prefix.isIpv4() ? CLUSTER_4 : CLUSTER_6));
    }

    /** One as long as {@code like}: the first that is free, from a place that the cluster's name says. */
    private static Optional<Cidr> choose(ClusterId cluster, Cidr like, Predicate<Cidr> free) {
        Cidr space = like.isIpv4() ? SPACE_4 : SPACE_6;
        int choices = Math.min(CHOICES, 1 << Math.min(like.length() - space.length(), 6));
        int start = Math.floorMod(cluster.value().hashCode(), choices);
        for (int i = 0; i < choices; i++) {
            Cidr candidate = part(space, (start + i) % choices, like.length());
            if (free.test(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** The {@code index}th of the 64 parts of a space, or of as many as there are, cut to {@code length}. */
    private static Cidr part(Cidr space, int index, int length) {
        byte[] network = space.network().getAddress();
        int shift = network.length * 8 - Math.min(length, space.length() + 6);
        BigInteger number =
                new BigInteger(1, network).add(BigInteger.valueOf(index).shiftLeft(shift));
        byte[] bytes = number.toByteArray();
        byte[] address = new byte[network.length];
        for (int i = 1; i <= Math.min(bytes.length, address.length); i++) {
            address[address.length - i] = bytes[bytes.length - i];
        }
        return new Cidr(Addresses.of(address), length);
    }
}
