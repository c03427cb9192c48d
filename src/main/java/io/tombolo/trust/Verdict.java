package io.tombolo.trust;

import io.tombolo.problem.Finding;

/** What {@link AnnouncementGate} says of an announcement that a peer presented. */
public sealed interface Verdict {
    /** Signed by the peer and newer than what is held. Whether its content is allowed here is the planner's question. */
    record Accepted(Announcement announcement) implements Verdict {}

    /** The very bytes that are held already: nothing to do. */
    record Unchanged() implements Verdict {}

    /** Nothing changes: the last good one stays in force. */
    record Refused(Finding finding) implements Verdict {}
}
