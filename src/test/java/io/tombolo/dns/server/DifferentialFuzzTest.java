package io.tombolo.dns.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.dns.zone.Zones;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spoiled queries to us, to Knot and to NSD, all serving one zone: the class of the reply must be that of one of the two,
 * or {@link Deviation} says why not. Where those differ from each other the standards leave room.
 *
 * <p>Always the same packets, so that a failure comes of the change that meets it. {@code -Pnightly} looks for new ones: a
 * million of a seed that it prints, {@code -Dfuzz.seed=…} those of such a run.
 */
class DifferentialFuzzTest {
    private static final int PACKETS = Integer.getInteger("fuzz.packets", 50_000);
    private static final long SEED =
            Long.getLong("fuzz.seed", PACKETS < 1_000_000 ? 1 : new SplittableRandom().nextLong());

    /** So few that no socket's buffer overflows: a lost packet would look like silence. */
    private static final int IN_FLIGHT = 64;

    private final Map<Deviation, Integer> deviations = new EnumMap<>(Deviation.class);
    private final List<String> mistakes = new ArrayList<>();

    @Test
    void repliesAsKnotOrNsdDo(@TempDir Path directory) throws Exception {
        System.out.println("fuzz.seed=" + SEED + ", fuzz.packets=" + PACKETS);
        PacketMutator mutator = new PacketMutator(new SplittableRandom(SEED));
        Path zone = zoneFile();
        try (NameServer ours = NameServer.ours(server());
                NameServer knot = NameServer.knot(Files.createDirectory(directory.resolve("knot")), zone);
                NameServer nsd = NameServer.nsd(Files.createDirectory(directory.resolve("nsd")), zone)) {
            for (int sent = 0; sent < PACKETS; sent += IN_FLIGHT) {
                List<byte[]> packets =
                        Stream.generate(mutator::next).limit(IN_FLIGHT).toList();
                List<ReplyClass> our = ours.exchange(packets);
                List<ReplyClass> knots = knot.exchange(packets);
                List<ReplyClass> nsds = nsd.exchange(packets);
                for (int i = 0; i < IN_FLIGHT; i++) {
                    compare(packets.get(i), our.get(i), knots.get(i), nsds.get(i));
                }
            }
        }
        System.out.println("deviations: " + deviations);
        assertEquals(
                List.of(), mistakes.stream().limit(20).toList(), "of " + mistakes.size() + " mistakes, seed " + SEED);
        if (PACKETS >= 1_000_000) {
            assertEquals(Set.of(Deviation.values()), deviations.keySet(), "deviations met: remove the others");
        }
    }

    private void compare(byte[] packet, ReplyClass ours, ReplyClass knot, ReplyClass nsd) {
        boolean bothSilent = knot == ReplyClass.NO_REPLY && nsd == ReplyClass.NO_REPLY;
        if (ours == ReplyClass.NO_REPLY ? bothSilent : ours == knot || ours == nsd) {
            return;
        }
        Optional<Deviation> deviation = Deviation.of(packet, ours, knot, nsd);
        if (deviation.isEmpty()) {
            mistakes.add("we say %s, Knot %s, NSD %s to %s"
                    .formatted(ours, knot, nsd, HexFormat.of().formatHex(packet)));
        } else {
            deviations.merge(deviation.get(), 1, Integer::sum);
        }
    }

    private static DnsServer server() throws IOException {
        ServedZone served = new ServedZone();
        served.serve(Zones.shop());
        return DnsServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), served, new QueryCounters());
    }

    private static Path zoneFile() throws URISyntaxException {
        return Path.of(Objects.requireNonNull(
                        DifferentialFuzzTest.class.getResource("/DifferentialFuzzTest/clusterset.local.zone"))
                .toURI());
    }
}
