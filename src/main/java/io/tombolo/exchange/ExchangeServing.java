package io.tombolo.exchange;

import io.tombolo.net.ClusterId;
import io.tombolo.problem.Problem;
import io.tombolo.trust.SignedAnnouncement;
import java.net.InetAddress;
import java.util.Optional;

/** What the server needs to know, and whom it tells. */
interface ExchangeServing {
    ClusterId clusterId();

    String instance();

    String version();

    ExportLedger ledger();

    /** Whether what we export may have changed without our knowing. */
    boolean behind();

    Optional<SignedAnnouncement> announcement();

    /** The peer one of whose lanes has this address. */
    Optional<ClusterId> peerAt(InetAddress source);

    void heard(ClusterId peer, io.tombolo.exchange.wire.SignedAnnouncement announcement);

    void refused(ClusterId peer, Problem problem, String why);
}
