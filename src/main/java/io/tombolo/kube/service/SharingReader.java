package io.tombolo.kube.service;

import io.fabric8.kubernetes.api.model.Namespace;
import io.tombolo.api.v1alpha1.ClusterLink;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.api.v1alpha1.Sharing;
import io.tombolo.kube.Watched;
import io.tombolo.net.ClusterId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The admin's veto as it stands: {@code sharing} of the LocalCluster and of each link, by a namespace's labels. */
final class SharingReader {
    private final Watched<Namespace> namespaces;
    private final Watched<LocalCluster> localClusters;
    private final Watched<ClusterLink> links;

    SharingReader(Watched<Namespace> namespaces, Watched<LocalCluster> localClusters, Watched<ClusterLink> links) {
        this.namespaces = namespaces;
        this.localClusters = localClusters;
        this.links = links;
    }

    /** Whether {@code peer}'s exports may come into the namespace. */
    boolean mayImport(String namespace, ClusterId peer) {
        return allows(namespace, peer.value(), Sharing::imports);
    }

    /**
     * Who may have what the namespace exports; no list: nobody, an empty list: everybody.
     *
     * @param wanted by the export; empty: everybody
     */
    Optional<List<String>> audience(String namespace, List<String> wanted) {
        List<String> peers =
                links.list().stream().map(l -> l.getMetadata().getName()).toList();
        List<String> vetoed = peers.stream()
                .filter(p -> !allows(namespace, p, Sharing::exports))
                .toList();
        if (vetoed.isEmpty()) {
            return Optional.of(wanted);
        }
        List<String> kept = (wanted.isEmpty() ? peers : wanted)
                .stream().filter(c -> !vetoed.contains(c)).sorted().toList();
        return kept.isEmpty() ? Optional.empty() : Optional.of(kept);
    }

    private boolean allows(String namespace, String peer, Function<Sharing, Sharing.@Nullable Namespaces> side) {
        Namespace found = namespaces.get(null, namespace);
        if (found == null) {
            return false;
        }
        Map<String, String> labels =
                Objects.requireNonNullElse(found.getMetadata().getLabels(), Map.of());
        LocalCluster local = localClusters.get(null, LocalCluster.NAME);
        ClusterLink link = links.get(null, peer);
        return allows(
                        local == null || local.getSpec() == null
                                ? null
                                : local.getSpec().sharing(),
                        side,
                        labels)
                && allows(
                        link == null || link.getSpec() == null
                                ? null
                                : link.getSpec().sharing(),
                        side,
                        labels);
    }

    private static boolean allows(
            @Nullable Sharing sharing,
            Function<Sharing, Sharing.@Nullable Namespaces> side,
            Map<String, String> labels) {
        return sharing == null || NamespaceSelector.allows(side.apply(sharing), labels);
    }
}
