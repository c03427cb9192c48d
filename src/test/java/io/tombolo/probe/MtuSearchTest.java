package io.tombolo.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/** One way in a time of its own: a step is a millisecond, and what passes is answered two milliseconds later. */
final class MtuSearchTest {
    private static final long MILLI = 1_000_000;
    private static final int LIMIT = 1440;
    private static final int DELAY = 2;

    private final Random random = new Random(42);
    private final List<Answer> answers = new ArrayList<>();
    private final StringJoiner trace = new StringJoiner("\n");
    private MtuSearch search = new MtuSearch(LIMIT, 1280);
    private long millis = 1_000;
    private long stamp = millis * MILLI;
    private OptionalLong reached = OptionalLong.empty();
    private double loss;
    private boolean dead;
    private boolean up = true;
    private boolean telling = true;
    private int passes = LIMIT;
    private int sent;

    private record Answer(long at, long stamp, int size) {}

    private void step() {
        long now = millis * MILLI;
        for (Answer answer : answers.stream().filter(a -> a.at == millis).toList()) {
            reached = OptionalLong.of(Math.max(answer.stamp, reached.orElse(0)));
            if (answer.size != MtuSearch.SMALL) {
                search.arrived(answer.stamp, now);
            }
        }
        answers.removeIf(a -> a.at <= millis);
        search.way(up, telling, now);
        List<Integer> sizes = search.due(now, reached, DELAY * MILLI);
        if (!sizes.isEmpty()) {
            trace.add(millis - 1_000 + " " + sizes);
        }
        for (int size : sizes) {
            stamp = Math.max(stamp + 1, now);
            search.sent(stamp, size);
            sent++;
            // padded to 16, or to what the device takes
            boolean fits = Math.min(LIMIT, (size + 15) / 16 * 16) <= passes;
            if (fits && !dead && random.nextDouble() >= loss) {
                answers.add(new Answer(millis + DELAY, stamp, size));
            }
        }
        millis++;
    }

    private void pass(long duration) {
        for (long until = millis + duration; millis < until; ) {
            step();
        }
    }

    /** Milliseconds until what is in use is not more than passes. */
    private long untilItFits(long patience) {
        long from = millis;
        while (search.mtu().isEmpty() || search.mtu().getAsInt() > passes) {
            assertTrue(millis - from < patience, () -> "after " + patience + " ms still " + search.mtu());
            step();
        }
        return millis - from;
    }

    @Test
    void findsTheLargestSizeThatPassesWhateverThatIs() {
        for (int most = 512; most <= LIMIT; most++) {
            MtuSearchTest way = new MtuSearchTest();
            way.passes = most;
            way.pass(1_000);
            int wanted = most - most % 16;
            int path = most;
            assertEquals(OptionalInt.of(wanted), way.search.mtu(), () -> "of a path of " + path);
            assertTrue(way.sent < 100, () -> way.sent + " probes");
        }
    }

    @Test
    void aPathThatTakesAllIsKnownWithItsFirstAnswerAndThenAskedNowAndThen() {
        pass(1_300);
        assertEquals("""
                0 [512, 768, 1024, 1152, 1232, 1280, 1328, 1376, 1408, 1424, 1440]
                402 [1440, 0]
                802 [1440, 0]
                1202 [1440, 0]""", trace.toString());
    }

    @Test
    void aPathThatSwallowsLargePacketsIsFoundOut() {
        pass(450);
        passes = 1_300;
        pass(1_200);
        assertEquals("""
                0 [512, 768, 1024, 1152, 1232, 1280, 1328, 1376, 1408, 1424, 1440]
                402 [1440, 0]
                802 [1440, 0]
                844 [1440]
                852 [1440]
                860 [1440]
                868 [1440]
                876 [1440]
                884 [1440]
                892 [1440]
                900 [0]
                942 [512, 768, 1024, 1152, 1232, 1280, 1328, 1376, 1408, 1424, 1440]
                950 [1328, 1376, 1408, 1424, 1440]
                958 [1328, 1376, 1408, 1424, 1440]
                966 [1328, 1376, 1408, 1424, 1440]
                974 [0]
                1016 [1296]
                1018 [1312]
                1026 [1312]
                1034 [1312]
                1042 [1312]
                1050 [1312]
                1058 [1312]
                1066 [1312]
                1074 [0]
                1516 [1296, 0]""", trace.toString());
    }

    @Test
    void whatDoesNotPassAnyMoreIsNotSentAfterTwoThirdsOfASecond() {
        for (int phase = 0; phase < 400; phase += 7) {
            MtuSearchTest way = new MtuSearchTest();
            way.pass(3_000 + phase);
            way.passes = 1_240;
            long took = way.untilItFits(2_000);
            assertTrue(took <= 660, () -> took + " ms");
            way.pass(1_000);
            assertEquals(OptionalInt.of(1232), way.search.mtu());
        }
    }

    @Test
    void aPathThatTakesMoreAgainIsFoundOutAfterAboutAsLongAsItDidNot() {
        for (int narrow : List.of(1_000, 5_000, 20_000, 100_000, 1_000_000)) {
            MtuSearchTest way = new MtuSearchTest();
            way.pass(1_000);
            way.passes = 1_240;
            way.pass(narrow);
            way.passes = LIMIT;
            way.pass(Math.min(narrow, 300_000) + 2_500);
            assertEquals(OptionalInt.of(LIMIT), way.search.mtu(), () -> "narrow for " + narrow);
        }
    }

    @Test
    void plainLossMovesNothing() {
        pass(1_000);
        loss = 0.1;
        for (int minute = 0; minute < 60; minute++) {
            pass(60_000);
            assertEquals(OptionalInt.of(LIMIT), search.mtu());
        }
    }

    @Test
    void aDeadWaySaysNothingOfSizes() {
        pass(1_000);
        dead = true;
        pass(400);
        up = false; // as who probes with small packets says
        pass(5_000);
        assertEquals(OptionalInt.of(LIMIT), search.mtu());
        dead = false;
        passes = 1_300;
        up = true;
        assertTrue(untilItFits(1_000) <= 200);
    }

    @Test
    void anOtherSideThatDoesNotTellWhatArrivedIsSentWhatUsuallyPasses() {
        telling = false;
        pass(100);
        assertEquals(OptionalInt.of(1408), search.mtu());
        assertEquals(0, sent);
        telling = true;
        pass(100);
        assertEquals(OptionalInt.of(LIMIT), search.mtu());
    }

    @Test
    void anInterfaceThatTakesLessIsFollowedAtOnceAndOneThatTakesMoreWhenItIsProven() {
        passes = 9_000;
        pass(1_000);
        search.limit(1340, MtuSearch.HOLD.toNanos(), millis * MILLI);
        assertEquals(OptionalInt.of(1340), search.mtu());
        search.limit(LIMIT, MtuSearch.HOLD.toNanos(), millis * MILLI);
        assertEquals(OptionalInt.of(1340), search.mtu());
        pass(10);
        assertEquals(OptionalInt.of(LIMIT), search.mtu());
    }
}
