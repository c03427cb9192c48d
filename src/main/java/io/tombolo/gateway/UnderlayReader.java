package io.tombolo.gateway;

import io.tombolo.gateway.wireguard.ObservedDevice;
import io.tombolo.gateway.wireguard.ObservedPeer;
import io.tombolo.host.CommandFailedException;
import io.tombolo.host.CommandRunner;
import io.tombolo.kernel.Interface;
import io.tombolo.net.Addresses;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.Ceilings;
import io.tombolo.plan.tunnel.WantedDevice;
import io.tombolo.plan.tunnel.WantedPeer;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the interfaces take that lead to the peers' endpoints, and what the kernel has learned of the paths behind them.
 * An endpoint to which no route leads for the moment is remembered as it was.
 */
final class UnderlayReader {
    /** How {@code ip -force -batch} names, on standard error, the line that failed. */
    private static final Pattern FAILED = Pattern.compile("Command failed -:(\\d+)");

    private final CommandRunner runner;
    private Map<PathKey, Integer> known = Map.of();

    UnderlayReader(CommandRunner runner) {
        this.runner = runner;
    }

    /**
     * @param lanes as they should be
     * @param had as they were: peers are where they were heard last
     */
    Ceilings read(List<WantedDevice> lanes, List<ObservedDevice> had, Map<String, Interface> interfaces)
            throws CommandFailedException {
        Map<PublicKey, Endpoint> heard = new HashMap<>();
        had.stream().flatMap(device -> device.peers().stream()).forEach(peer -> heard(peer, heard));
        Map<PathKey, InetAddress> ends = new HashMap<>();
        Set<PathKey> wanted = new HashSet<>();
        for (WantedDevice lane : lanes) {
            for (WantedPeer peer : lane.peers()) {
                PathKey key = new PathKey(peer.clusterId(), peer.slot());
                wanted.add(key);
                Optional.ofNullable(heard.get(peer.publicKey()))
                        .or(peer::endpoint)
                        .ifPresent(endpoint -> ends.put(key, endpoint.address()));
            }
        }
        Map<InetAddress, Integer> inside = inside(Set.copyOf(ends.values()), interfaces);
        Map<PathKey, Integer> now = new HashMap<>(known);
        now.keySet().retainAll(wanted);
        ends.forEach((key, address) -> {
            Integer bytes = inside.get(address);
            if (bytes != null) {
                now.put(key, bytes);
            }
        });
        known = Map.copyOf(now);
        Map<ClusterId, Map<Integer, Integer>> ceilings = new HashMap<>();
        known.forEach((key, bytes) ->
                ceilings.computeIfAbsent(key.peer(), _ -> new HashMap<>()).put(key.slot(), bytes));
        return new Ceilings(ceilings);
    }

    private static void heard(ObservedPeer peer, Map<PublicKey, Endpoint> heard) {
        peer.endpoint().ifPresent(endpoint -> heard.put(peer.publicKey(), endpoint));
    }

    private Map<InetAddress, Integer> inside(Collection<InetAddress> ends, Map<String, Interface> interfaces)
            throws CommandFailedException {
        List<String> lines = ends.stream()
                .map(end -> "route get " + Addresses.text(end))
                .sorted()
                .toList();
        if (lines.isEmpty()) {
            return Map.of();
        }
        String routes;
        try {
            routes = routes(lines);
        } catch (CommandFailedException e) {
            Set<Integer> failed = failed(e.stderr());
            if (failed.isEmpty() || failed.size() == lines.size()) {
                return Map.of(); // no way out of this node now
            }
            routes = routes(IntStream.range(0, lines.size())
                    .filter(line -> !failed.contains(line + 1))
                    .mapToObj(lines::get)
                    .toList());
        }
        Map<InetAddress, Integer> inside = new HashMap<>();
        Map<String, InetAddress> byText = ends.stream().collect(Collectors.toMap(Addresses::text, end -> end));
        for (String line : routes.lines().toList()) {
            List<String> words = Arrays.asList(line.strip().split("[\\s\\\\]+"));
            InetAddress end = words.stream()
                    .limit(2) // a type may stand ahead: `local 192.0.2.1 dev lo`
                    .map(byText::get)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            Interface device = interfaces.get(after(words, "dev"));
            if (end != null && device != null) {
                boolean ipv6 = end instanceof Inet6Address;
                // a path that is said to take still less has its packets in fragments, made by this node
                int learned = Math.max(Ceilings.LEAST, Ceilings.inside(learned(words), ipv6));
                inside.put(end, Math.min(Ceilings.inside(device.mtu(), ipv6), learned));
            }
        }
        return inside;
    }

    private String routes(List<String> lines) throws CommandFailedException {
        return runner.run(List.of("ip", "-o", "-force", "-batch", "-"), String.join("\n", lines) + "\n");
    }

    private static Set<Integer> failed(String stderr) {
        Set<Integer> failed = new HashSet<>();
        for (Matcher line = FAILED.matcher(stderr); line.find(); ) {
            failed.add(Integer.parseInt(line.group(1)));
        }
        return failed;
    }

    /** Of the route, or of an ICMP error that came back: the path takes no more, and what is more goes in fragments. */
    private static int learned(List<String> words) {
        String mtu = after(words, "mtu");
        String number = "lock".equals(mtu) ? after(words, "lock") : mtu;
        return number == null ? Integer.MAX_VALUE : Integer.parseInt(number);
    }

    private static @Nullable String after(List<String> words, String key) {
        int at = words.indexOf(key);
        return at < 0 || at + 1 >= words.size() ? null : words.get(at + 1);
    }
}
