package io.tombolo.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.plan.route.PathState;
import io.tombolo.plan.route.SlotReport;
import io.tombolo.problem.Problem;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two ends that probe each other, in a time of their own: a step is a millisecond, and so is the way if not longer. */
final class ProbeSessionTest {
    private static final long MILLI = 1_000_000;
    private static final SlotReport SERVES = new SlotReport(1, true, List.of(), List.of());

    private final End west = new End();
    private final End east = new End();
    private final Random random = new Random(42);
    private long millis = 1_000;
    private int delay = 1;
    private double lossToEast;
    private double lossToWest;

    private final class End {
        final ProbeSession session = new ProbeSession(Prober.FAST.toNanos(), 1_000 * MILLI);
        private final List<Arrival> arriving = new ArrayList<>();
        private int downs;
        private long downSince;
        private boolean wasUp;

        void step(End other, double loss) {
            long now = millis * MILLI;
            List<ProbeMessage> answers = new ArrayList<>();
            for (Iterator<Arrival> it = arriving.iterator(); it.hasNext(); ) {
                Arrival arrival = it.next();
                if (arrival.at() <= millis) {
                    it.remove();
                    if (session.received(arrival.message(), now)) {
                        answers.add(session.message(SERVES, 0, now));
                    }
                }
            }
            if (session.due(now)) {
                answers.add(session.message(SERVES, 0, now));
            }
            answers.stream().filter(_ -> random.nextDouble() >= loss).forEach(other::take);
            if (wasUp && !session.state().isUp()) {
                downs++;
                downSince = millis;
            }
            wasUp = session.state().isUp();
        }

        void take(ProbeMessage message) {
            arriving.add(new Arrival(millis + delay, message));
        }
    }

    private record Arrival(long at, ProbeMessage message) {}

    private void pass(long duration) {
        for (long until = millis + duration; millis < until; millis++) {
            west.step(east, lossToEast);
            east.step(west, lossToWest);
        }
    }

    private void connect() {
        pass(200);
        assertTrue(west.session.state().isUp() && east.session.state().isUp());
    }

    /** Nothing arrives any more. @return milliseconds until west takes the way for dead */
    private long death() {
        long cut = millis;
        lossToEast = 1;
        lossToWest = 1;
        pass(1_000);
        assertEquals(new PathState.Down(Problem.UNREACHABLE), west.session.state());
        return west.downSince - cut;
    }

    @Test
    void silenceIsDeathWithinTwoHundredAndTenMillisecondsAtWhateverMomentItBegins() {
        for (int phase = 0; phase < 60; phase++) {
            ProbeSessionTest pair = new ProbeSessionTest();
            pair.connect();
            pair.pass(1_000 + phase);
            long took = pair.death();
            assertTrue(took <= 210, () -> took + " ms");
            assertTrue(took >= 150, () -> took + " ms");
        }
    }

    @Test
    void aFullWayIsNoDeathAndItsDeathIsSeenALittleLater() {
        for (double loss : new double[] {0.3, 0.5}) {
            ProbeSessionTest pair = new ProbeSessionTest();
            pair.connect();
            pair.lossToWest = loss / 2;
            pair.pass(1_000); // a flood does not begin from one packet to the next
            pair.lossToWest = loss;
            pair.pass(600_000);
            assertEquals(0, pair.west.downs + pair.east.downs);
            long took = pair.death();
            assertTrue(took <= 350, () -> took + " ms");
        }
    }

    @Test
    void whereOneDirectionIsCutBothEndsAgreeThatTheWayIsDown() {
        connect();
        long cut = millis;
        lossToEast = 1;
        pass(1_000);
        assertEquals(new PathState.Down(Problem.UNREACHABLE), east.session.state());
        assertEquals(new PathState.Down(Problem.NO_HANDSHAKE), west.session.state());
        assertTrue(east.downSince - cut <= 250, () -> east.downSince - cut + " ms");
        assertTrue(west.downSince - cut <= 300, () -> west.downSince - cut + " ms");
        lossToEast = 0;
        pass(200);
        assertTrue(west.session.state().isUp() && east.session.state().isUp());
    }

    @Test
    void whatWasOnItsWayWhileTheWayWasCutDoesNotBringItBack() {
        connect();
        List<ProbeMessage> late = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            late.add(east.session.message(SERVES, 0, millis * MILLI));
        }
        lossToEast = 1;
        lossToWest = 1;
        pass(400);
        assertEquals(1, west.downs);
        late.forEach(west::take);
        pass(20);
        assertTrue(!west.session.state().isUp());
        pass(1_000);
        assertEquals(1, west.downs);
    }

    @Test
    void aWayThatIsMendedIsTakenAgainWithinAQuarterOfASecond() {
        for (int phase = 0; phase < 60; phase++) {
            ProbeSessionTest pair = new ProbeSessionTest();
            pair.connect();
            pair.lossToEast = 1;
            pair.lossToWest = phase % 2;
            pair.pass(2_000 + phase);
            pair.lossToEast = 0;
            pair.lossToWest = 0;
            pair.pass(250);
            assertTrue(pair.west.session.state().isUp()
                    && pair.east.session.state().isUp());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 150})
    void tenPercentLossEachWayForTenMinutesIsNoDeath(int milliseconds) {
        delay = milliseconds;
        pass(1_000);
        lossToEast = 0.1;
        lossToWest = 0.1;
        pass(600_000);
        assertEquals(0, west.downs);
        assertEquals(0, east.downs);
    }

    /** Nothing arrives for a second. */
    private void interrupt() {
        lossToEast = 1;
        lossToWest = 1;
        pass(1_000);
        lossToEast = 0;
        lossToWest = 0;
    }

    private static boolean serves(End end) {
        return end.session.state() instanceof PathState.Up(SlotReport report) && report.serving();
    }

    @Test
    void aWayThatComesAndGoesIsUpAndTheLastChoiceUntilItStays() {
        connect();
        for (int loss = 1; loss <= 5; loss++) {
            interrupt();
            pass(1_000);
            assertTrue(west.session.state().isUp());
            assertEquals(loss <= 2, serves(west));
        }
        pass(6_000);
        assertTrue(!serves(west) && !serves(east));
        pass(1_000);
        assertTrue(serves(west) && serves(east));
    }

    @Test
    void aWayThatIsLostNowAndThenIsAsGoodAsAny() {
        connect();
        for (int i = 0; i < 100; i++) {
            interrupt();
            pass(7_000);
            assertTrue(serves(west) && serves(east));
        }
    }
}
