package io.tombolo.gateway;

import io.tombolo.net.ClusterId;
import java.util.Comparator;

/**
 * A lane of ours: to this slot of this peer.
 *
 * @param slot 0-7
 */
public record PathKey(ClusterId peer, int slot) implements Comparable<PathKey> {
    private static final Comparator<PathKey> ORDER =
            Comparator.comparing(PathKey::peer).thenComparingInt(PathKey::slot);

    @Override
    public int compareTo(PathKey other) {
        return ORDER.compare(this, other);
    }
}
