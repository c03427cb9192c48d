package io.tombolo.gateway.door;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tombolo.host.StateDirectory;
import io.tombolo.net.Addresses;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PrivateKey;
import io.tombolo.net.PublicKey;
import io.tombolo.plan.tunnel.LinkView;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.Identity;
import io.tombolo.trust.SignedAnnouncement;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** West hears from east, whose last good announcement is 10.52.0.0/16, while north has 10.77.0.0/16. */
class AnnouncementBookTest {
    private static final ClusterId EAST = new ClusterId("east");
    private static final ClusterId NORTH = new ClusterId("north");

    @TempDir
    private Path directory = Path.of(".");

    private final Identity east = Identity.generate();
    private final Identity north = Identity.generate();
    private final PublicKey eastLane = PrivateKey.generate().publicKey();
    private AnnouncementBook book;

    @BeforeEach
    void bothHaveAnnouncedThemselves() throws IOException {
        book = new AnnouncementBook(StateDirectory.open(directory), () -> {});
        book.follow(west(), List.of(link("east", 10, east), link("north", 11, north)), Map.of());
        assertEquals(Optional.empty(), book.offer(EAST, fromEast(1, "10.52.0.0/16")));
        assertEquals(
                Optional.empty(),
                book.offer(
                        NORTH,
                        north.sign(
                                announcement("north", 1, PrivateKey.generate().publicKey(), "10.77.0.0/16"))));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8,       CIDR_TOO_BROAD",
        "100.64.0.0/10,    CIDR_RESERVED",
        "10.42.7.0/24,     CIDR_OVERLAP_LOCAL",
        "10.96.0.0/16,     CIDR_OVERLAP_LOCAL",
        "192.168.1.0/24,   CIDR_OVERLAP_NODE",
        "10.77.3.0/24,     CIDR_OVERLAP_PEER",
        "172.17.3.0/24,    CIDR_OVERLAP_HOST",
        "172.16.0.0/12,    CIDR_OVERLAP_HOST",
        "198.51.100.10/32, ENDPOINT_IN_TUNNEL",
    })
    void refusesTheWholeOfItAndKeepsTheLastGoodOne(String prefix, Problem problem) {
        Map<ClusterId, SignedAnnouncement> before = book.accepted();

        Finding refused = book.offer(EAST, fromEast(2, "10.52.0.0/16", prefix)).orElseThrow();

        assertEquals(problem, refused.problem());
        assertTrue(refused.text().startsWith("announcement.prefixes: " + prefix), refused.text());
        assertEquals(Map.of(EAST, refused), book.findings());
        assertEquals(before, book.accepted());
        assertEquals(1, book.sequence(EAST));

        assertEquals(Optional.empty(), book.offer(EAST, fromEast(3, "10.52.0.0/16", "10.53.0.0/16")));
        assertEquals(Map.of(), book.findings());
        assertEquals(3, book.sequence(EAST));
    }

    @Test
    void namesTheInterfaceThatAPrefixOverlaps() {
        assertEquals(
                "announcement.prefixes: 172.17.3.0/24 overlaps 172.17.0.0/16 (interface docker0 of the gateway's node)",
                book.offer(EAST, fromEast(2, "172.17.3.0/24"))
                        .map(Finding::text)
                        .orElseThrow());
    }

    @Test
    void refusesWhatIsNotThePeersOwnOrNotNew() {
        Map<ClusterId, SignedAnnouncement> before = book.accepted();

        assertRefused(
                Problem.SIGNATURE_INVALID,
                "announcement.signature",
                "none of the pinned identities [" + east.publicKey() + "]",
                north.sign(announcement("east", 2, eastLane, "10.52.0.0/16")));
        assertRefused(
                Problem.IDENTITY_MISMATCH,
                "announcement.clusterId",
                "the peer calls itself north, and the link is named east",
                east.sign(announcement("north", 2, eastLane, "10.52.0.0/16")));
        assertRefused(
                Problem.REPLAYED,
                "announcement.sequence",
                "sequence 1 again, with other content",
                fromEast(1, "10.53.0.0/16"));
        book.offer(EAST, fromEast(5, "10.52.0.0/16"));
        assertRefused(
                Problem.REPLAYED,
                "announcement.sequence",
                "sequence 4 after 5 was accepted",
                fromEast(4, "10.52.0.0/16"));

        assertEquals(before.get(NORTH), book.accepted().get(NORTH));
        assertEquals(5, book.sequence(EAST));
    }

    private void assertRefused(Problem problem, String field, String value, SignedAnnouncement presented) {
        Finding finding = book.offer(EAST, presented).orElseThrow();
        assertEquals(problem, finding.problem());
        assertEquals(field, finding.field());
        assertTrue(finding.message().contains(value), finding.message());
        assertEquals(finding, Objects.requireNonNull(book.findings().get(EAST)));
    }

    private SignedAnnouncement fromEast(long sequence, String... prefixes) {
        return east.sign(announcement("east", sequence, eastLane, prefixes));
    }

    private static Announcement announcement(String name, long sequence, PublicKey lane, String... prefixes) {
        return new Announcement(
                new ClusterId(name),
                sequence,
                1,
                1,
                List.of(new Announcement.Slot(0, lane, 1, List.of())),
                Stream.of(prefixes).map(Cidr::parse).sorted().toList());
    }

    private static LinkView link(String name, int host, Identity identity) {
        return new LinkView(
                new ClusterId(name),
                Instant.EPOCH,
                name,
                List.of(identity.publicKey()),
                List.of(new LinkView.PinnedGateway(
                        0,
                        PrivateKey.generate().publicKey(),
                        Optional.of(new Endpoint(Addresses.parse("198.51.100." + host), 51820)))),
                List.of(),
                LinkView.Access.EXPORTED_SERVICES,
                false,
                Optional.empty());
    }

    private static LocalView west() {
        LocalView west = new LocalView(
                new ClusterId("west"),
                Identity.generate().publicKey(),
                51820,
                List.of(new LocalView.Gateway(
                        0,
                        PrivateKey.generate().publicKey(),
                        PrivateKey.generate().publicKey(),
                        1,
                        List.of())),
                List.of(new LocalView.Node("n1", Addresses.parse("192.168.1.11"), List.of())),
                List.of(Cidr.parse("10.42.0.0/16")),
                List.of(Cidr.parse("10.96.0.0/12")),
                List.of(),
                List.of());
        return west.at(new TreeMap<>(Map.of(
                Cidr.parse("172.17.0.0/16"), "docker0",
                Cidr.parse("10.0.0.0/8"), "eth1")));
    }
}
