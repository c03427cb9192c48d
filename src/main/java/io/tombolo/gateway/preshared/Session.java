package io.tombolo.gateway.preshared;

import io.tombolo.net.PresharedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How old the newest session with the other end is, as the device shows it, and with what its successor may be had. Age is
 * counted from when a handshake was seen: a clock that is set tells nothing of it.
 */
final class Session {
    /** A session is renewed after 120 s of use (WireGuard's REKEY_AFTER_TIME): nothing is changed shortly before. */
    private static final long QUIET = Duration.ofSeconds(110).toNanos();

    /** A handshake that was tried for so long (every 5 s, REKEY_TIMEOUT) fails for its key. */
    private static final long OVERDUE = Duration.ofSeconds(130).toNanos();

    /** So long another key is tried then; the session lasts 180 s (REJECT_AFTER_TIME). */
    private static final long TRIED = Duration.ofSeconds(10).toNanos();

    /** So many keys are tried before the link's: what the other end's device was left with when its agent died. */
    private static final int EARLIER = 3;

    /**
     * What the other end's device may have instead, latest first: what was in force before, and what was answered and never
     * confirmed. Of each, empty: the link's.
     */
    private final List<Optional<PresharedKey>> earlier = new ArrayList<>();

    private Optional<Instant> handshake = Optional.empty();
    /** When it began; empty where none is known of. */
    private OptionalLong began = OptionalLong.empty();

    private long observedAt;

    Session(long now) {
        observedAt = now;
    }

    /**
     * @param latest handshake, by a clock that is {@code clock} now
     * @param since when the key was agreed on that is in force
     * @return whether there is a new session, and it was made with that key
     */
    boolean observed(Optional<Instant> latest, Instant clock, long since, long now) {
        boolean isNew = latest.isPresent() && !latest.equals(handshake);
        if (isNew && handshake.isEmpty() && began.isEmpty()) { // the first that we see: how old it is, only clocks tell
            long age = Duration.between(latest.get(), clock).toNanos();
            began = OptionalLong.of(now - Math.clamp(age, 0, QUIET));
        } else if (isNew) {
            began = OptionalLong.of(now);
        }
        boolean made = isNew && observedAt - since > 0;
        handshake = latest;
        observedAt = now;
        return made;
    }

    /** Whether its successor is due: the key that is in force then had better be the other end's, too. */
    boolean isEnding(long now) {
        return began.isPresent() && now - began.getAsLong() >= QUIET;
    }

    /** What to try now, since no handshake comes to pass; empty while there is no need. */
    Optional<Attempt> attempt() {
        if (began.isEmpty() || observedAt - began.getAsLong() < OVERDUE) {
            return Optional.empty();
        }
        int tried = (int) ((observedAt - began.getAsLong() - OVERDUE) / TRIED);
        return Optional.of(new Attempt(tried < earlier.size() ? earlier.get(tried) : Optional.empty()));
    }

    /** @param key empty: the link's */
    record Attempt(Optional<PresharedKey> key) {}

    /** The other end's device may have this one. */
    void remember(Optional<PresharedKey> key) {
        earlier.remove(key);
        earlier.addFirst(key);
        if (earlier.size() > EARLIER) {
            earlier.removeLast();
        }
    }

    /** No device shall have any of those. */
    void forget() {
        earlier.clear();
    }
}
