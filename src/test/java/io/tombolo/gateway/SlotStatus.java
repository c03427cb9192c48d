package io.tombolo.gateway;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.SignedBytes;
import io.tombolo.kube.AnnouncementMap;
import io.tombolo.net.ClusterId;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What gateways write into the status of the one link of their cluster, of what its peer announced: a file. */
final class SlotStatus {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ClusterId peer;
    private final Path file;

    SlotStatus(Path file, String cluster) {
        this.file = file;
        this.peer = new ClusterId(SlotWorld.other(cluster));
    }

    Map<ClusterId, ClusterLinkStatus> read() {
        if (!Files.exists(file)) {
            return Map.of();
        }
        try {
            ClusterLinkStatus.Peer said = new ClusterLinkStatus.Peer(
                    null,
                    null,
                    JSON.readValue(file.toFile(), SignedBytes.class),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
            return Map.of(peer, new ClusterLinkStatus(null, null, said, null, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param accepted by peer */
    void write(Map<ClusterId, SignedAnnouncement> accepted) {
        SignedAnnouncement newest = accepted.get(peer);
        try {
            String text = newest == null ? "" : JSON.writeValueAsString(AnnouncementMap.toStatus(newest));
            if (newest != null && !(Files.exists(file) && Files.readString(file).equals(text))) {
                SlotWorld.replace(file, text);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
