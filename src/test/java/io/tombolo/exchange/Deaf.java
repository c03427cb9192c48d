package io.tombolo.exchange;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.trust.SignedAnnouncement;
import java.util.Set;

/** For an exchange that only speaks. */
public final class Deaf implements ExchangeListener {
    @Override
    public void changed(ClusterId peer, Set<NamespacedName> names) {}

    @Override
    public void announced(ClusterId peer, SignedAnnouncement announcement) {}

    @Override
    public void streamChanged(ClusterId peer) {}
}
