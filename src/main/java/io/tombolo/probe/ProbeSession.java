package io.tombolo.probe;

import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.SlotReport;
import io.tombolo.problem.Problem;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * One way's probing, without clock or socket: time comes in as nanoseconds. Silence of three intervals is confirmed by a
 * burst of five probes in 25 ms before it counts, so that plain loss does not (three misses in a row happen every few
 * seconds at 10 % loss, eight in a row every few hours); by a longer one where more are lost ({@link Loss}). A way that
 * comes and goes is up, and seen as one that does not serve: whoever has another takes that ({@link Damping}).
 */
final class ProbeSession {
    private static final int MISSES = 3;
    private static final long BURST_SPACING = Duration.ofMillis(5).toNanos();
    /** How long the last probe of a burst may wait for its answer, at least. */
    private static final long BURST_PATIENCE = Duration.ofMillis(25).toNanos();
    /** A way that never spoke may still be shaking hands. */
    private static final long FIRST_PATIENCE = Duration.ofSeconds(2).toNanos();
    /** So many probes in a row must deny hearing us: a peer that just started has not heard us yet. */
    private static final int DENIALS = 2;

    private long interval;
    private long nextSend;
    private long reference;
    private boolean heardEver;
    private long peerInterval;
    private int burstLeft;
    /** Nanoseconds that the present burst takes; 0: nothing is to be confirmed. */
    private long confirming;

    private int denials;
    /** Was up once, and no more. */
    private boolean lost;
    /** Since when both sides hear each other again without a gap; below 0: they do not. */
    private long returning = -1;

    private int sequence;
    private long echo;
    private long echoReceived;
    private long follows;
    /** {@code sent} of the last probe for its size that came; 0: none did. */
    private long sizedEcho;

    private boolean telling;

    private long rtt = -1;
    /** When we sent the newest of our probes that the other side says it received. */
    private OptionalLong reached = OptionalLong.empty();

    private final Damping damping = new Damping();
    private final Loss loss = new Loss();
    private PathState state = new PathState.Unknown();

    ProbeSession(long interval, long now) {
        this.interval = interval;
        this.peerInterval = interval;
        this.nextSend = now;
        this.reference = now;
    }

    PathState state() {
        return state;
    }

    /** Smoothed round trip, nanoseconds; empty before the first. */
    OptionalLong rtt() {
        return rtt < 0 ? OptionalLong.empty() : OptionalLong.of(rtt);
    }

    /** Sequence of the newest announcement of ours that the other side has followed; 0 where it said of none. */
    long follows() {
        return follows;
    }

    /** Whether the other side tells which of our probes for their size arrived. */
    boolean tells() {
        return telling;
    }

    /** When we sent the newest of our probes that the other side says it received; empty where it said of none. */
    OptionalLong reached() {
        return reached;
    }

    void interval(long nanos) {
        interval = nanos;
    }

    /** When {@link #due} wants to be asked next. */
    long nextSend() {
        return nextSend;
    }

    /** There is something to say. */
    void hurry(long now) {
        nextSend = Math.min(nextSend, now);
    }

    /** We ourselves slept: nothing was heard because nobody listened. */
    void slept(long nanos) {
        reference += nanos;
    }

    /** Whether a probe is to be sent now. */
    boolean due(long now) {
        if (now < nextSend) {
            return false;
        }
        judge(now);
        if (burstLeft > 0) {
            burstLeft--;
            nextSend = now + BURST_SPACING;
        } else {
            nextSend = Math.max(nextSend + interval, now + interval / 2);
            if (confirming > 0) {
                nextSend = Math.min(nextSend, now + BURST_PATIENCE);
            } else if (state.isUp()) {
                // doubt begins when three intervals are over, not at the first probe after that
                nextSend = Math.min(nextSend, Math.max(now, reference + tolerated()) + 1);
            }
        }
        return true;
    }

    private void judge(long now) {
        long silence = now - reference;
        long tolerated = tolerated();
        if (silence <= tolerated) {
            return;
        }
        if (!heardEver) {
            if (silence > FIRST_PATIENCE) {
                state = new PathState.Down(Problem.NEVER_CONNECTED);
            }
            return;
        }
        if (!state.isUp()) {
            if (state.problem().filter(p -> p == Problem.NO_HANDSHAKE).isPresent()) {
                state = new PathState.Down(Problem.UNREACHABLE);
            }
            return;
        }
        if (confirming == 0) {
            burstLeft = loss.misses() - MISSES;
            confirming = burstLeft * BURST_SPACING;
            return;
        }
        long patience = confirming + Math.max(BURST_PATIENCE, 2 * Math.max(rtt, 0));
        if (burstLeft == 0 && silence > tolerated + patience) {
            down(Problem.UNREACHABLE, now);
        }
    }

    /**
     * A probe that waited somewhere while the way was cut is no sign of life. Where there is another way to take meanwhile, a
     * lost one must be heard for two intervals before it is taken again; where there is none every moment counts.
     */
    private long holdOff() {
        return interval < Prober.SLOW.toNanos() ? 2 * interval : 0;
    }

    private long tolerated() {
        return MISSES * Math.max(interval, peerInterval);
    }

    private void down(Problem reason, long now) {
        damping.lost(now);
        state = new PathState.Down(reason);
        lost = true;
        returning = -1;
        confirming = 0;
        burstLeft = MISSES; // tells the peer at once, in case it hears us
    }

    /** @return whether an answer is wanted at once */
    boolean received(ProbeMessage message, long now) {
        boolean afterSilence = now - reference > tolerated();
        reference = now;
        heardEver = true;
        confirming = 0;
        loss.received(message.sequence(), state.isUp());
        peerInterval = Duration.ofMillis(message.intervalMillis()).toNanos();
        echo = message.sent();
        echoReceived = now;
        follows = message.follows();
        telling = message.arrived().isPresent();
        if (message.sized()) {
            sizedEcho = message.sent();
        }
        if (message.echo() != 0) {
            reached = OptionalLong.of(message.echo());
            measure(now
                    - message.echo()
                    - Duration.ofNanos(message.heldMicros() * 1_000L).toNanos());
        }
        if (message.hears()) {
            denials = 0;
            if (returning < 0 || afterSilence) {
                returning = now;
            }
            lost &= now - returning < holdOff();
            state = lost ? new PathState.Down(Problem.NO_HANDSHAKE) : up(message.report(), now);
        } else if (++denials >= DENIALS && state.isUp()) {
            down(Problem.NO_HANDSHAKE, now);
        } else if (!state.isUp()) {
            returning = -1;
            state = new PathState.Down(Problem.NO_HANDSHAKE);
        }
        if (!message.hears()) {
            hurry(now); // lets the peer know that it is heard
        }
        return message.answer();
    }

    private PathState up(SlotReport report, long now) {
        return new PathState.Up(damping.isAvoided(now) ? report.withoutServing() : report);
    }

    private void measure(long sample) {
        if (sample >= 0 && sample < Duration.ofSeconds(60).toNanos()) {
            rtt = rtt < 0 ? sample : rtt + (sample - rtt) / 8;
        }
    }

    /** @param followed sequence of the other side's newest announcement that we have followed; 0 where there is none */
    ProbeMessage message(SlotReport report, long followed, long now) {
        return message(report, followed, now, false, false);
    }

    /**
     * @param sized whether it is as long as it is to find out whether such packets pass
     * @param answer whether an answer is wanted at once
     */
    ProbeMessage message(SlotReport report, long followed, long now, boolean sized, boolean answer) {
        return new ProbeMessage(
                heardEver && !(state instanceof PathState.Down(Problem reason) && reason == Problem.UNREACHABLE),
                confirming > 0 || answer,
                sized,
                (int) Duration.ofNanos(interval).toMillis(),
                report,
                sized ? sequence : ++sequence, // one that is lost for its size does not count
                now,
                echo,
                echo == 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (now - echoReceived) / 1_000),
                followed,
                OptionalLong.of(sizedEcho));
    }
}
