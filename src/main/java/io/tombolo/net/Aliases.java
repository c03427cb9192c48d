package io.tombolo.net;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Under which addresses other clusters know our pods, where not under their own: prefixes, each with its alias, which
 * stand for each other address by address. What no alias is for is known as it is.
 *
 * @param pairs ordered by prefix; no two prefixes overlap, nor two aliases
 */
public record Aliases(List<Alias> pairs) {
    /** Every pod is known under its own address. */
    public static final Aliases NONE = new Aliases(List.of());

    /** @throws IllegalArgumentException where two prefixes overlap, or two aliases */
    public Aliases {
        pairs = pairs.stream().sorted(Comparator.comparing(Alias::cidr)).toList();
        requireApart(pairs.stream().map(Alias::cidr).toList());
        requireApart(pairs.stream().map(Alias::alias).toList());
    }

    /** A prefix of ours and what others know it as: of one family and length. */
    public record Alias(Cidr cidr, Cidr alias) {
        /** @throws IllegalArgumentException where families or lengths differ */
        public Alias {
            if (cidr.isIpv4() != alias.isIpv4() || cidr.length() != alias.length()) {
                throw new IllegalArgumentException(cidr + " and its alias " + alias + " differ in family or length");
            }
        }

        /** What an address of {@code cidr} is known as. */
        private InetAddress of(InetAddress address) {
            byte[] bytes = address.getAddress();
            byte[] from = cidr.network().getAddress();
            byte[] to = alias.network().getAddress();
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= (byte) (from[i] ^ to[i]); // neither network has host bits
            }
            return Addresses.of(bytes);
        }

        private Cidr of(Cidr part) {
            return new Cidr(of(part.network()), part.length());
        }
    }

    public boolean isEmpty() {
        return pairs.isEmpty();
    }

    /** What others know {@code address} as. */
    public InetAddress of(InetAddress address) {
        return holding(Cidr.host(address)).map(pair -> pair.of(address)).orElse(address);
    }

    /** What others know the addresses of {@code prefixes} as; a prefix that has an alias in part is cut. */
    public List<Cidr> of(Collection<Cidr> prefixes) {
        List<Cidr> known = new ArrayList<>();
        prefixes.forEach(prefix -> add(prefix, known));
        return List.copyOf(known);
    }

    private void add(Cidr prefix, List<Cidr> known) {
        Optional<Alias> whole = holding(prefix);
        if (whole.isPresent()) {
            known.add(whole.get().of(prefix));
        } else if (pairs.stream().noneMatch(pair -> pair.cidr().overlaps(prefix))) {
            known.add(prefix);
        } else {
            prefix.halves().forEach(half -> add(half, known));
        }
    }

    /** The aliases of what lies in {@code prefixes}, and of nothing else. */
    public Aliases within(Collection<Cidr> prefixes) {
        List<Alias> parts = new ArrayList<>();
        for (Cidr prefix : prefixes) {
            holding(prefix).ifPresent(pair -> parts.add(new Alias(prefix, pair.of(prefix))));
            pairs.stream()
                    .filter(pair -> prefix.contains(pair.cidr()) && !prefix.equals(pair.cidr()))
                    .forEach(parts::add);
        }
        return new Aliases(parts.stream().distinct().toList());
    }

    /** Whether {@code prefix} is an alias of ours, or a part of one. */
    public boolean holds(Cidr prefix) {
        return pairs.stream().anyMatch(pair -> pair.alias().contains(prefix));
    }

    private Optional<Alias> holding(Cidr prefix) {
        return pairs.stream().filter(pair -> pair.cidr().contains(prefix)).findFirst();
    }

    private static void requireApart(List<Cidr> cidrs) {
        for (int i = 0; i < cidrs.size(); i++) {
            for (Cidr other : cidrs.subList(0, i)) {
                if (other.overlaps(cidrs.get(i))) {
                    throw new IllegalArgumentException("aliases overlap: " + other + " and " + cidrs.get(i));
                }
            }
        }
    }
}
