package io.tombolo.plan.removal;

import java.time.Duration;

/** What to do with this node, given the evidence. */
public final class Removal {
    /** How long an agent that was told to stop waits for proof; the pod's grace period is 30 s. */
    public static final Duration PATIENCE = Duration.ofSeconds(25);

    /** How long a gateway that is one too many goes on carrying what is still on its way to it. */
    static final Duration AFTERGLOW = Duration.ofMillis(1_500);

    /** The decision. */
    public enum Decision {
        /** Leave everything, and (when stopping) exit: this is an upgrade, or nothing is known. */
        KEEP,
        /** Look again soon: rights are going, proof may follow. */
        WAIT,
        /** Take everything of ours out of the node. */
        CLEAN
    }

    private Removal() {}

    /** While the agent runs: only the ConfigMap itself counts. */
    public static Decision whileRunning(Evidence evidence) {
        return switch (evidence) {
            case NETWORK_DELETED, NETWORK_NOT_FOUND -> Decision.CLEAN;
            case TOKEN_REVOKED, TOKEN_EXPIRED, FORBIDDEN, SLOT_UNWANTED, OWNER_GONE, KNOWN, SILENCE -> Decision.KEEP;
        };
    }

    /**
     * After SIGTERM.
     *
     * @param waited since the signal
     */
    public static Decision whenStopping(Evidence evidence, Duration waited) {
        return switch (evidence) {
            case NETWORK_DELETED, NETWORK_NOT_FOUND, TOKEN_REVOKED -> Decision.CLEAN;
            case TOKEN_EXPIRED, FORBIDDEN, OWNER_GONE -> waited.compareTo(PATIENCE) < 0 ? Decision.WAIT : Decision.KEEP;
            case SLOT_UNWANTED -> waited.compareTo(AFTERGLOW) < 0 ? Decision.WAIT : Decision.CLEAN;
            case KNOWN, SILENCE -> Decision.KEEP;
        };
    }
}
