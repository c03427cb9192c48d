package io.tombolo.gateway.preshared;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Addresses;
import io.tombolo.net.PresharedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Two gateways with devices that shake hands as WireGuard does, and a network that loses, doubles and delays what they say.
 * A step is 100 ms. Every world follows from its seed.
 */
final class RenewalWorld {
    static final int SECOND = 10;
    static final int HOUR = 3600 * SECOND;

    private final class End {
        final Ends ends;
        final FakeKem kem;
        Optional<PresharedKey> device = Optional.empty();

        @Nullable
        Renewal agent;

        int nextPass;
        int nextAsk;
        List<Flying> arriving = new ArrayList<>();

        End(Ends ends, long seed) {
            this.ends = ends;
            this.kem = new FakeKem(seed);
            start();
        }

        void start() {
            agent = new Renewal(ends, kem, every, Optional.empty(), device, nanos());
            nextPass = step;
        }

        void step(End other) {
            Renewal renewal = agent;
            List<Flying> here = arriving.stream().filter(f -> f.at <= step).toList();
            arriving.removeAll(here);
            if (renewal == null) {
                return;
            }
            Optional<PresharedKey> before = renewal.inForce();
            boolean up = alive() && other.agent != null;
            renewal.due(nanos(), up).forEach(m -> send(m, other));
            here.forEach(f -> renewal.received(f.message, nanos()).ifPresent(m -> send(m, other)));
            if (!up && step >= nextAsk && renewal.wantsToKnow()) {
                renewal.asked(alive());
                nextAsk = step + 5;
            }
            if (!renewal.inForce().equals(before)) {
                nextPass = Math.min(nextPass, step + 1 + random.nextInt(5));
            }
            if (step >= nextPass) {
                renewal.observed(handshake, Instant.ofEpochSecond(step / SECOND), nanos());
                device = renewal.inForce();
                nextPass = step + 5 * SECOND;
            }
        }
    }

    private record Flying(RenewalMessage message, int at) {}

    private final Random random;
    private final double loss;
    private final Duration every;
    private int step = HOUR;
    private boolean wire = true;
    private Optional<Instant> handshake = Optional.empty();
    private int began = Integer.MIN_VALUE / 2;
    private int nextTry = step;
    private final End caller;
    private final End answerer;

    RenewalWorld(long seed, double loss, Duration every) {
        this.random = new Random(seed);
        this.loss = loss;
        this.every = every;
        Ends ends = new Ends(Addresses.parse("fd01::1"), Addresses.parse("fd02::1"));
        caller = new End(ends, seed + 1);
        answerer = new End(new Ends(ends.theirs(), ends.ours()), seed + 2);
        shakeHands();
    }

    private long nanos() {
        return Duration.ofMillis(100L * step).toNanos();
    }

    boolean hasSession() {
        return step - began < 180 * SECOND;
    }

    private boolean alive() {
        return wire && hasSession();
    }

    private void send(RenewalMessage message, End to) {
        for (int copies = random.nextDouble() < loss ? 2 : 1; copies > 0; copies--) {
            if (alive() && random.nextDouble() >= loss) {
                to.arriving.add(new Flying(message, step + 1 + random.nextInt(loss > 0 ? 8 : 1)));
            }
        }
    }

    private void shakeHands() {
        if (step >= nextTry && step - began >= 120 * SECOND) {
            nextTry = step + 5 * SECOND;
            if (wire && caller.device.equals(answerer.device)) {
                began = step;
                handshake = Optional.of(Instant.ofEpochSecond(step / SECOND));
            }
        }
    }

    void pass(int steps) {
        for (int i = 0; i < steps; i++) {
            step++;
            shakeHands();
            caller.step(answerer);
            answerer.step(caller);
        }
    }

    /** The key that both devices have, which is not the link's; within seconds, since it may be about to change. */
    PresharedKey agreed() {
        for (int i = 0; i < 5 * SECOND && !caller.device.equals(answerer.device); i++) {
            pass(1);
        }
        assertEquals(caller.device, answerer.device);
        return caller.device.orElseThrow(() -> new AssertionError("none is agreed on"));
    }

    int step() {
        return step;
    }

    Optional<Instant> handshake() {
        return handshake;
    }

    private End either() {
        return random.nextBoolean() ? caller : answerer;
    }

    /** As long as {@code most}, or shorter. */
    int some(int most) {
        return random.nextInt(most);
    }

    void killAnAgent() {
        either().agent = null;
    }

    void startAgents() {
        for (End end : List.of(caller, answerer)) {
            if (end.agent == null) {
                end.start();
            }
        }
    }

    void cut() {
        wire = false;
    }

    void mend() {
        wire = true;
    }

    /** Agent, session and what the device had are gone. */
    void reset() {
        End end = either();
        end.agent = null;
        end.device = Optional.empty();
        began = Integer.MIN_VALUE / 2;
    }

    /** Of the six things that can happen at any point of an exchange. */
    void happen(int what) {
        End receiver = caller.arriving.isEmpty() ? answerer : caller;
        switch (what) {
            case 0 -> pass(1);
            case 1 -> receiver.arriving.clear(); // lost
            case 2 -> receiver.arriving.addAll(List.copyOf(receiver.arriving)); // doubled
            case 3 -> caller.start();
            case 4 -> answerer.start();
            default -> { // delayed, until after whatever comes next
                List<Flying> late = receiver.arriving.stream()
                        .map(f -> new Flying(f.message, f.at + 15))
                        .toList();
                receiver.arriving.clear();
                receiver.arriving.addAll(late);
            }
        }
    }
}
