package io.tombolo.dns;

import static io.tombolo.dns.ImportReader.orEmpty;

import io.fabric8.kubernetes.api.model.Condition;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.PathState;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.LocalClusterStatus;
import io.tombolo.kube.Conditions;
import io.tombolo.net.Cidr;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** LocalCluster and ClusterLinks as the zone sees them. */
final class SurroundingsReader {
    private SurroundingsReader() {}

    static Surroundings read(@Nullable LocalCluster local, List<ClusterLink> links) {
        Set<String> linked = links.stream().map(l -> l.getMetadata().getName()).collect(Collectors.toSet());
        Set<String> dead = links.stream()
                .filter(SurroundingsReader::isDead)
                .map(l -> l.getMetadata().getName())
                .collect(Collectors.toSet());
        Optional<String> id = Optional.ofNullable(local)
                .flatMap(l -> Optional.ofNullable(l.getSpec()))
                .map(s -> s.clusterId());
        @Nullable LocalClusterStatus status = local == null ? null : local.getStatus();
        return new Surroundings(id, linked, dead, sources(status), nameServer(status));
    }

    /**
     * Every path is down; or none is up, and the link is not ready for that: a gateway of ours that is gone says nothing of
     * its paths, which the operator knows; or no gateway has said anything of any path, and the link is not ready. A path of
     * which nothing is known takes nothing down.
     */
    private static boolean isDead(ClusterLink link) {
        @Nullable ClusterLinkStatus status = link.getStatus();
        if (status == null) {
            return false;
        }
        List<ClusterLinkStatus.Path> paths = orEmpty(status.paths());
        Optional<Condition> unready = Optional.ofNullable(Conditions.find(status.conditions(), Conditions.READY))
                .filter(ready -> "False".equals(ready.getStatus()));
        if (paths.isEmpty()) {
            return unready.isPresent();
        }
        return paths.stream().allMatch(path -> path.state() == PathState.DOWN)
                || unready.filter(ready -> Problem.UNREACHABLE.reason().equals(ready.getReason()))
                                .isPresent()
                        && paths.stream().noneMatch(path -> path.state() == PathState.UP);
    }

    private static List<Cidr> sources(@Nullable LocalClusterStatus status) {
        if (status == null || status.network() == null) {
            return List.of();
        }
        List<Cidr> sources = new ArrayList<>();
        for (List<String> cidrs : List.of(
                orEmpty(status.network().podCIDRs()),
                orEmpty(status.network().serviceCIDRs()),
                orEmpty(status.network().nodeCIDRs()))) {
            for (String cidr : cidrs) {
                sources.add(Cidr.parse(cidr));
            }
        }
        return sources.stream().sorted().distinct().toList();
    }

    private static List<InetAddress> nameServer(@Nullable LocalClusterStatus status) {
        return status == null || status.dns() == null || status.dns().address() == null
                ? List.of()
                : ImportReader.addresses(List.of(status.dns().address()));
    }
}
