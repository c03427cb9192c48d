package io.tombolo.gateway.preshared;

import io.tombolo.net.PresharedKey;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One end's part in renewing the pre-shared key of a pair of gateways, without clock, socket or device: time comes in as
 * nanoseconds. Which key shall be in force follows from two rules. Ends that hear each other agree on one: whatever either
 * of them lost, the next exchange mends. And where no handshake comes to pass, each goes back by itself, to the keys before
 * and then to the link's. Docs: {@code docs/decisions/0010}.
 */
public final class Renewal {
    /** A caller that heard no answer offers the same again after so long, twice as long, and so on. */
    private static final long AGAIN = Duration.ofSeconds(1).toNanos();

    private static final long AGAIN_AT_MOST = Duration.ofMinutes(1).toNanos();
    private static final long CONFIRM_AGAIN = Duration.ofMillis(500).toNanos();

    /** So long what was begun is waited for. */
    private static final long PATIENCE = Duration.ofSeconds(10).toNanos();

    /** One key pair or one answer is computed in this time at most, whatever the other side sends. */
    private static final long SPACING = Duration.ofMillis(900).toNanos();

    /** So often in a row the other side's kernel must be silent. */
    private static final int MISSES = 3;

    private final Ends ends;
    private final Kem kem;
    private final long every;
    private Optional<PresharedKey> link;

    /** Empty: the link's. */
    private Optional<PresharedKey> agreed;

    private long agreedAt;
    /** Whether the other side has said that it agreed, and nothing has happened since. */
    private boolean mutual;
    /** Whether a session was made with what was agreed. */
    private boolean used;

    private final Session session;
    private State state = new Rest();
    private String done = RenewalMessage.Ask.NONE;
    private long nextTalk;
    private long pause = AGAIN;
    /** When a key pair or an answer was computed last. */
    private OptionalLong computedAt = OptionalLong.empty();
    /** Since when we speak and hear nothing. */
    private OptionalLong unheardSince = OptionalLong.empty();

    private boolean differs;
    private int misses;

    private sealed interface State {}

    private record Rest() implements State {}

    private record Offered(Kem.Offer offer, RenewalMessage.Offer message) implements State {}

    private record Confirming(RenewalMessage.Confirm message, long until) implements State {}

    private record Answered(Derived derived, RenewalMessage.Answer message, long until) implements State {}

    /** Why no key is agreed on, though the other side is there. */
    public enum Trouble {
        /** It does not say anything: it knows nothing of this. */
        SILENT,
        /** What it derives is not what we do: its link has another key. */
        DIFFERS
    }

    /**
     * @param every the age at which a key is followed by another; earlier where a session was made with it
     * @param link the key that the link's spec names
     * @param adopted what the device has, where an agent before us left something else than the link's
     */
    public Renewal(
            Ends ends, Kem kem, Duration every, Optional<PresharedKey> link, Optional<PresharedKey> adopted, long now) {
        this.ends = ends;
        this.kem = kem;
        this.every = every.toNanos();
        this.link = link;
        this.agreed = adopted;
        this.agreedAt = now;
        this.nextTalk = now;
        this.session = new Session(now);
    }

    /** What the device shall have. */
    public Optional<PresharedKey> inForce() {
        return agreed.or(() -> link);
    }

    /** Whether what is in force was agreed on, and is not just the link's. */
    public boolean isAgreed() {
        return agreed.isPresent();
    }

    /** What went wrong for a while. */
    public Optional<Trouble> trouble(long now, Duration patience) {
        if (differs) {
            return Optional.of(Trouble.DIFFERS);
        }
        return unheardSince.isPresent() && now - unheardSince.getAsLong() > patience.toNanos()
                ? Optional.of(Trouble.SILENT)
                : Optional.empty();
    }

    /** The link's key is what its spec says now: whatever was derived from another one is over. */
    public void link(Optional<PresharedKey> wanted, long now) {
        if (!wanted.equals(link)) {
            link = wanted;
            fallBack(Optional.empty());
            session.forget();
            differs = false;
            mutual = false;
            state = new Rest();
            nextTalk = Math.min(nextTalk, now);
        }
    }

    /**
     * What the device showed before it was changed.
     *
     * @param latest its last handshake with this peer
     * @param clock the clock by which that is
     */
    public void observed(Optional<Instant> latest, Instant clock, long now) {
        if (session.observed(latest, clock, agreedAt, now)) {
            used = true;
        }
        if (misses < MISSES) {
            session.attempt().ifPresent(attempt -> fallBack(attempt.key()));
        }
    }

    /** Whether the other side's kernel is to be asked while its agent is silent. */
    public boolean wantsToKnow() {
        return isAgreed() || misses > 0;
    }

    /**
     * The other side's kernel was asked through the lane, because no probe came.
     *
     * @param answered whether it is there. Where it is, the session lives, and only its agent is silent.
     */
    public void asked(boolean answered) {
        misses = answered ? 0 : misses + 1;
        if (misses == MISSES) {
            session.remember(agreed);
            fallBack(Optional.empty());
        }
    }

    private void fallBack(Optional<PresharedKey> to) {
        if (!agreed.equals(to)) {
            agreed = to;
            mutual = false;
            used = false;
            done = RenewalMessage.Ask.NONE;
            state = new Rest();
        }
    }

    /** What was answered may have been agreed to, and the caller dead since. */
    private void giveUp() {
        if (state instanceof Answered(Derived derived, var _, var _)) {
            session.remember(Optional.of(derived.key()));
        }
        state = new Rest();
    }

    private void agree(PresharedKey key, long now) {
        session.remember(agreed);
        agreed = Optional.of(key);
        agreedAt = now;
        used = false;
        differs = false;
    }

    /**
     * What is to be said now.
     *
     * @param up whether probes pass both ways
     */
    public List<RenewalMessage> due(long now, boolean up) {
        if (!up) {
            if (!(state instanceof Rest)) {
                giveUp();
                mutual = false;
            }
            nextTalk = now;
            pause = AGAIN;
            unheardSince = OptionalLong.empty();
            return List.of();
        }
        misses = 0;
        if (state instanceof Confirming(var _, long until) && now - until >= 0) {
            state = new Rest(); // it may have agreed, or not: the next exchange tells
        }
        if (state instanceof Answered(var _, var _, long until) && now - until >= 0) {
            giveUp();
        }
        if (now - nextTalk < 0) {
            return List.of();
        }
        return switch (state) {
            case Rest() when wants(now) -> List.of(ends.weCall() ? offer(now) : ask(now));
            case Rest(), Answered _ -> List.of();
            case Offered(var _, RenewalMessage.Offer message) -> {
                unheard(now);
                yield List.of(message);
            }
            case Confirming(RenewalMessage.Confirm message, var _) -> {
                nextTalk = now + CONFIRM_AGAIN;
                yield List.of(message);
            }
        };
    }

    private boolean wants(long now) {
        return !session.isEnding(now) && (!mutual || ends.weCall() && (used || now - agreedAt >= every));
    }

    private RenewalMessage offer(long now) {
        unheard(now);
        computedAt = OptionalLong.of(now);
        Kem.Offer offer = kem.offer();
        byte[] publicKey = offer.publicKey();
        RenewalMessage.Offer message = new RenewalMessage.Offer(Derived.id(publicKey), publicKey);
        state = new Offered(offer, message);
        return message;
    }

    private RenewalMessage ask(long now) {
        unheard(now);
        return new RenewalMessage.Ask(RenewalMessage.Ask.NONE);
    }

    private void unheard(long now) {
        nextTalk = now + pause;
        pause = Math.min(2 * pause, AGAIN_AT_MOST);
        if (unheardSince.isEmpty()) {
            unheardSince = OptionalLong.of(now);
        }
    }

    /** @return what to answer */
    public Optional<RenewalMessage> received(RenewalMessage message, long now) {
        unheardSince = OptionalLong.empty();
        pause = AGAIN;
        return switch (message) {
            case RenewalMessage.Offer offer when !ends.weCall() -> answer(offer, now);
            case RenewalMessage.Confirm confirm when !ends.weCall() -> confirmed(confirm, now);
            case RenewalMessage.Answer answer when ends.weCall() -> answered(answer, now);
            case RenewalMessage.Done(String id)
            when state instanceof Confirming(var mine, var _) && id.equals(mine.id()) -> {
                state = new Rest();
                mutual = true;
                yield Optional.empty();
            }
            case RenewalMessage.Ask(String id)
            when ends.weCall() -> {
                asked(id, now);
                yield Optional.empty();
            }
            case RenewalMessage.Offer _,
                    RenewalMessage.Confirm _,
                    RenewalMessage.Answer _,
                    RenewalMessage.Done _,
                    RenewalMessage.Ask _ -> Optional.empty();
        };
    }

    private Optional<RenewalMessage> answer(RenewalMessage.Offer offer, long now) {
        if (state instanceof Answered(var _, RenewalMessage.Answer mine, var _)
                && mine.id().equals(offer.id())) {
            return Optional.of(mine);
        }
        boolean early = computedAt.isPresent() && now - computedAt.getAsLong() < SPACING;
        if (early || !offer.id().equals(Derived.id(offer.publicKey()))) {
            return Optional.empty();
        }
        giveUp();
        computedAt = OptionalLong.of(now);
        Optional<Kem.Sealed> sealed = kem.seal(offer.publicKey());
        if (sealed.isEmpty()) {
            return Optional.empty();
        }
        byte[] ciphertext = sealed.get().ciphertext();
        Derived derived = Derived.of(ends, sealed.get().secret(), link, offer.publicKey(), ciphertext);
        RenewalMessage.Answer answer = new RenewalMessage.Answer(offer.id(), ciphertext, derived.answerersProof());
        state = new Answered(derived, answer, now + PATIENCE);
        return Optional.of(answer);
    }

    private Optional<RenewalMessage> answered(RenewalMessage.Answer answer, long now) {
        if (!(state instanceof Offered(Kem.Offer offer, RenewalMessage.Offer message))
                || !message.id().equals(answer.id())) {
            return Optional.empty();
        }
        Derived derived =
                Derived.of(ends, offer.open(answer.ciphertext()), link, message.publicKey(), answer.ciphertext());
        if (!MessageDigest.isEqual(derived.answerersProof(), answer.proof())) {
            differs = true;
            state = new Rest();
            nextTalk = now + AGAIN_AT_MOST;
            return Optional.empty();
        }
        agree(derived.key(), now);
        mutual = false;
        RenewalMessage.Confirm confirm = new RenewalMessage.Confirm(answer.id(), derived.callersProof());
        state = new Confirming(confirm, now + PATIENCE);
        nextTalk = now + CONFIRM_AGAIN;
        return Optional.of(confirm);
    }

    private Optional<RenewalMessage> confirmed(RenewalMessage.Confirm confirm, long now) {
        if (confirm.id().equals(done)) {
            return Optional.of(new RenewalMessage.Done(done)); // ours was lost
        }
        if (!(state instanceof Answered(Derived derived, RenewalMessage.Answer mine, var _))
                || !mine.id().equals(confirm.id())
                || !MessageDigest.isEqual(derived.callersProof(), confirm.proof())) {
            return Optional.of(new RenewalMessage.Ask(confirm.id()));
        }
        agree(derived.key(), now);
        mutual = true;
        done = confirm.id();
        state = new Rest();
        return Optional.of(new RenewalMessage.Done(done));
    }

    /** The answerer has lost what it had, or started anew. */
    private void asked(String id, long now) {
        switch (state) {
            case Confirming(RenewalMessage.Confirm mine, var _) when mine.id().equals(id) -> state = new Rest();
            case Rest() -> mutual = false;
            case Offered _ -> {} // it has not arrived yet
            case Confirming _, Answered _ -> {
                return;
            }
        }
        nextTalk = Math.min(nextTalk, computedAt.isEmpty() ? now : Math.max(now, computedAt.getAsLong() + SPACING));
    }
}
