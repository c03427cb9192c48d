package io.tombolo.services;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What of each peer's exports is not used here, and why. Any thread may call any method. */
final class LeftOut {
    private final Map<ClusterId, SortedMap<NamespacedName, List<Finding>>> byPeer = new TreeMap<>();

    /** @param findings of this service as it is now; empty where all of it is used */
    synchronized void note(ClusterId peer, NamespacedName service, List<Finding> findings) {
        SortedMap<NamespacedName, List<Finding>> services = byPeer.computeIfAbsent(peer, p -> new TreeMap<>());
        if (findings.isEmpty()) {
            services.remove(service);
        } else {
            services.put(service, List.copyOf(findings));
        }
    }

    synchronized void retain(Set<ClusterId> peers) {
        byPeer.keySet().retainAll(peers);
    }

    /** One for each problem, about the first service that has it, with how many others do. */
    synchronized List<Finding> of(ClusterId peer) {
        Map<Problem, List<Finding>> byProblem = new TreeMap<>();
        byPeer.getOrDefault(peer, new TreeMap<>())
                .values()
                .forEach(findings -> findings.forEach(f -> byProblem
                        .computeIfAbsent(f.problem(), p -> new ArrayList<>())
                        .add(f)));
        return byProblem.values().stream()
                .map(same -> {
                    Finding first = same.getFirst();
                    int more = same.size() - 1;
                    return Finding.of(
                            first.problem(),
                            first.field(),
                            first.message() + (more == 0 ? "" : "; and in " + more + " more services"));
                })
                .toList();
    }
}
