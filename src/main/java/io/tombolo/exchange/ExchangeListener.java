package io.tombolo.exchange;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.trust.SignedAnnouncement;
import java.util.Set;

/** Told on the exchange's own thread: return at once, and read the state where it is used. */
public interface ExchangeListener {
    /** Services of {@code peer} that changed, came or went. */
    void changed(ClusterId peer, Set<NamespacedName> names);

    /** What the peer says of itself, unverified, as often as it says so. */
    void announced(ClusterId peer, SignedAnnouncement announcement);

    /** The stream to {@code peer} came up, was lost, or was refused; see {@link PeerExports}. */
    void streamChanged(ClusterId peer);
}
