package io.tombolo.dns;

import io.tombolo.net.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the zone depends on besides the services.
 *
 * @param localCluster empty while not known
 * @param linked clusters that a ClusterLink names
 * @param dead those of them that cannot be reached
 * @param sources who may ask; empty while not known
 * @param nameServer addresses of the Service we answer behind; empty while not known
 */
record Surroundings(
        Optional<String> localCluster,
        Set<String> linked,
        Set<String> dead,
        List<Cidr> sources,
        List<InetAddress> nameServer) {

    Surroundings {
        linked = java.util.Collections.unmodifiableSet(new TreeSet<>(linked));
        dead = java.util.Collections.unmodifiableSet(new TreeSet<>(dead));
        sources = List.copyOf(sources);
        nameServer = List.copyOf(nameServer);
    }

    /** Whether endpoints of {@code cluster} belong into answers: our own, and those of linked clusters not known dead. */
    boolean isLive(String cluster) {
        return linked.contains(cluster)
                ? !dead.contains(cluster)
                : localCluster.map(cluster::equals).orElse(true);
    }
}
