package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.tombolo.dns.server.Answerer.Transport;
import io.tombolo.dns.zone.Zone;
import io.tombolo.dns.zone.Zones;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** D23: more packets than a property could shrink; {@code -Pnightly} sends 100 million. */
class ManyPacketsTest {
    private static final long PACKETS = Long.getLong("fuzz.answers", 1_000_000);
    private static final long SEED = Long.getLong("fuzz.seed", new SplittableRandom().nextLong());
    private static final int ROUND = 10_000;

    private final Zone zone = Zones.shop();
    private final Answerer answerer = new Answerer(() -> zone, new QueryCounters(), new Rotation(42));
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long state = SEED | 1;

    @Test
    @DisplayName("D23: random and mutated packets: nothing thrown, nothing kept, nothing slower with time")
    void survivesMillionsWithoutAllocating() {
        System.out.println("fuzz.seed=" + SEED + ", fuzz.answers=" + PACKETS);
        PacketMutator mutator = new PacketMutator(new SplittableRandom(SEED));
        List<byte[]> seeds = Stream.generate(mutator::next).limit(4096).toList();
        byte[] scratch = new byte[1024];
        long rounds = PACKETS / ROUND;
        long warm = rounds / 10;
        long early = 0;
        long late = 0;
        long allocated = 0;
        for (long round = 0; round < rounds; round++) {
            if (round == warm) {
                allocated = threads.getCurrentThreadAllocatedBytes();
            }
            long before = threads.getCurrentThreadCpuTime();
            round(seeds, scratch);
            long took = threads.getCurrentThreadCpuTime() - before;
            early += round >= warm && round < 2 * warm ? took : 0;
            late += round >= rounds - warm ? took : 0;
        }
        allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        assertTrue(allocated < 100_000, "bytes allocated: " + allocated);
        assertTrue(late < 2 * early, "%d rounds took %d ns at first, %d at last".formatted(warm, early, late));
    }

    /** Each packet anew: one of the seeds with up to three bytes replaced, or nothing but noise. */
    private void round(List<byte[]> seeds, byte[] scratch) {
        for (int i = 0; i < ROUND; i++) {
            byte[] seed = seeds.get(next(seeds.size()));
            boolean noise = next(16) == 0;
            int length = noise ? next(scratch.length) : seed.length;
            if (noise) {
                for (int at = 0; at < length; at++) {
                    scratch[at] = (byte) next(256);
                }
            } else {
                System.arraycopy(seed, 0, scratch, 0, length);
            }
            for (int changes = next(4); changes > 0 && length > 0; changes--) {
                scratch[next(length)] = (byte) next(256);
            }
            int reply = answerer.answer(scratch, length, next(2) == 0 ? Transport.UDP : Transport.TCP);
            boolean silenceIsRight = length < Wire.HEADER || (scratch[2] & 0x80) != 0;
            if (silenceIsRight) {
                assertEquals(0, reply);
            } else {
                assertEquals(Wire.u16(scratch, 0), Wire.u16(answerer.bytes(), 0));
            }
        }
    }

    /** xorshift64 (Marsaglia 2003). */
    private int next(int bound) {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return (int) ((state >>> 33) % bound);
    }
}
