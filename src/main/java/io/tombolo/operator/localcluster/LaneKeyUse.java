package io.tombolo.operator.localcluster;

import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.Path;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.PathState;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/** Which generations of our lane keys the gateways use, by what they say of their paths. */
record LaneKeyUse(List<Path> paths) {
    LaneKeyUse {
        paths = List.copyOf(paths);
    }

    static LaneKeyUse of(Collection<ClusterLink> links) {
        return new LaneKeyUse(links.stream()
                .filter(link -> link.getStatus() != null && link.getStatus().paths() != null)
                .flatMap(link -> link.getStatus().paths().stream())
                .toList());
    }

    /**
     * Whether every lane of a slot has the key of this generation. A path that is up and does not say is taken not to; one
     * that has no lane yet has no key.
     */
    boolean isTaken(int slot, int generation) {
        return of(slot).allMatch(path ->
                path.keyGeneration() == null ? path.state() != PathState.UP : path.keyGeneration() >= generation);
    }

    private Stream<Path> of(int slot) {
        return paths.stream().filter(path -> path.localSlot() == slot);
    }
}
