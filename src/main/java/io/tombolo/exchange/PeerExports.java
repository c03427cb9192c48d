package io.tombolo.exchange;

import io.tombolo.net.ClusterId;
import io.tombolo.net.NamespacedName;
import io.tombolo.plan.service.ExportedService;
import io.tombolo.problem.Finding;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What one peer exports, as last heard; a live view that any thread may read. */
public interface PeerExports {
    ClusterId cluster();

    /** Whether a snapshot has ever arrived whole; before, an absent service means nothing. */
    boolean complete();

    /** Whether what is held may be old: the stream is down, or the peer does not see its own API server. */
    boolean stale();

    /** Version of the peer's software, for people; empty before its first hello. */
    String version();

    Set<NamespacedName> names();

    /** Forms are checked; whether its addresses are the peer's is for {@code PeerExportCheck}. */
    Optional<ExportedService> service(NamespacedName name);

    /** Grows whenever an endpoint comes or goes; how ready those are that stand is another matter. */
    long moves();

    /** What is left out or was refused, one of each problem; empties as the peer corrects it. */
    List<Finding> findings();
}
