package io.tombolo.kernel;

import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A network interface as {@code ip} shows it.
 *
 * @param mtu bytes
 * @param queue packets that may wait for the device ({@code txqueuelen}); 0 where none do
 * @param addresses with their prefix lengths' host form (/32, /128), link-local ones left out, ordered
 * @param networks the prefixes that these addresses say are on-link, ordered
 */
public record Interface(
        String name, int index, int mtu, int queue, boolean up, List<Cidr> addresses, List<Cidr> networks) {
    public Interface {
        addresses = addresses.stream().sorted().toList();
        networks = networks.stream().distinct().sorted().toList();
    }

    /** Every interface of this network namespace, by name. */
    public static SortedMap<String, Interface> observe(CommandRunner runner) throws CommandFailedException {
        return parse(runner.run(List.of("ip", "-o", "-batch", "-"), "link show\naddr show\n"));
    }

    /** Reads what {@code ip -o} shows for {@code link} and {@code addr}, one behind the other. */
    public static SortedMap<String, Interface> parse(String listing) {
        SortedMap<String, List<Cidr>> held = new TreeMap<>();
        SortedMap<String, List<Cidr>> onLink = new TreeMap<>();
        for (String line : listing.lines().toList()) {
            List<String> words = Arrays.asList(line.strip().split("\\s+"));
            if (words.size() > 3 && words.get(2).startsWith("inet")) {
                String[] parts = words.get(3).split("/", 2);
                if (!parts[0].startsWith("fe80:")) {
                    Cidr address = Cidr.host(Addresses.parse(parts[0]));
                    held.computeIfAbsent(words.get(1), _ -> new ArrayList<>()).add(address);
                    onLink.computeIfAbsent(words.get(1), _ -> new ArrayList<>())
                            .add(
                                    parts.length == 1
                                            ? address
                                            : Cidr.containing(address.network(), Integer.parseInt(parts[1])));
                }
            }
        }
        SortedMap<String, Interface> interfaces = new TreeMap<>();
        for (String line : listing.lines().toList()) {
            List<String> words = Arrays.asList(line.strip().split("[\\s\\\\]+"));
            int mtu = words.indexOf("mtu");
            if (mtu < 2) {
                continue;
            }
            String name = words.get(1).replaceAll("[:@].*", "");
            interfaces.put(
                    name,
                    new Interface(
                            name,
                            Integer.parseInt(words.get(0).replace(":", "")),
                            Integer.parseInt(words.get(mtu + 1)),
                            words.contains("qlen") ? Integer.parseInt(words.get(words.indexOf("qlen") + 1)) : 0,
                            Arrays.asList(words.get(2).replaceAll("[<>]", "").split(","))
                                    .contains("UP"),
                            held.getOrDefault(name, List.of()),
                            onLink.getOrDefault(name, List.of())));
        }
        return interfaces;
    }
}
