package io.tombolo.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.IdentityKey;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnnouncementGateTest {
    private final Identity east = Identity.generate();
    private final Identity stranger = Identity.generate();

    @Test
    void acceptsTheFirstOneOfAPinnedIdentity() {
        Announcement announcement = Announcements.of("east", 1);
        assertEquals(new Verdict.Accepted(announcement), gate().judge(east.sign(announcement)));
    }

    @Test
    void acceptsEitherOfTwoPinnedIdentities() {
        AnnouncementGate gate = gate(List.of(stranger.publicKey(), east.publicKey()), null);
        assertInstanceOf(Verdict.Accepted.class, gate.judge(east.sign(Announcements.of("east", 1))));
    }

    @Test
    void refusesAnotherSigner() {
        Finding finding = refusal(gate().judge(stranger.sign(Announcements.of("east", 1))));
        assertEquals(Problem.SIGNATURE_INVALID, finding.problem());
        assertEquals("announcement.signature", finding.field());
        assertEquals(
                "the announcement presented for east is signed by none of the pinned identities [" + east.publicKey()
                        + "]",
                finding.message());
    }

    @Test
    void refusesUnsignedBytes() {
        SignedAnnouncement unsigned =
                new SignedAnnouncement(AnnouncementCodec.encode(Announcements.of("east", 1)), new byte[64]);
        assertEquals(Problem.SIGNATURE_INVALID, refusal(gate().judge(unsigned)).problem());
    }

    @Test
    void refusesAClusterOfAnotherName() {
        Finding finding = refusal(gate().judge(east.sign(Announcements.of("north", 1))));
        assertEquals(Problem.IDENTITY_MISMATCH, finding.problem());
        assertEquals("announcement.clusterId", finding.field());
        assertEquals("the peer calls itself north, and the link is named east", finding.message());
    }

    @Test
    void theSameBytesAgainAreNothingNew() {
        SignedAnnouncement held = east.sign(Announcements.of("east", 5));
        assertEquals(new Verdict.Unchanged(), gate(held).judge(east.sign(Announcements.of("east", 5))));
    }

    @Test
    void refusesALowerSequence() {
        Finding finding =
                refusal(gate(east.sign(Announcements.of("east", 5))).judge(east.sign(Announcements.of("east", 4))));
        assertEquals(Problem.REPLAYED, finding.problem());
        assertEquals("announcement.sequence", finding.field());
        assertEquals("sequence 4 after 5 was accepted", finding.message());
    }

    @Test
    void refusesTheSameSequenceWithOtherContent() {
        Announcement five = Announcements.of("east", 5);
        Announcement other =
                new Announcement(new ClusterId("east"), 5, 1, 1, five.slots(), List.of(Cidr.parse("10.99.0.0/16")));
        Finding finding = refusal(gate(east.sign(five)).judge(east.sign(other)));
        assertEquals(Problem.REPLAYED, finding.problem());
        assertEquals("sequence 5 again, with other content", finding.message());
    }

    @Test
    void acceptsAHigherSequence() {
        AnnouncementGate gate = gate(east.sign(Announcements.of("east", 5)));
        assertInstanceOf(Verdict.Accepted.class, gate.judge(east.sign(Announcements.of("east", 6))));
    }

    @Test
    void startsOverWhenTheAdminPinsAnotherIdentity() {
        AnnouncementGate gate = gate(List.of(stranger.publicKey()), east.sign(Announcements.of("east", 1_000)));
        assertInstanceOf(Verdict.Accepted.class, gate.judge(stranger.sign(Announcements.of("east", 1))));
    }

    @Test
    void refusesAPeerThatSharesNoProtocol() {
        Announcement newer = new Announcement(new ClusterId("east"), 1, 2, 3, List.of(), List.of());
        Finding finding = refusal(gate().judge(east.sign(newer)));
        assertEquals(Problem.VERSION_SKEW, finding.problem());
        assertEquals("the peer speaks protocol 2 to 3, this cluster 1", finding.message());
    }

    @Test
    void readsWhatIsHeldOnlyWhereItVerifies() {
        Announcement five = Announcements.of("east", 5);
        assertEquals(Optional.of(five), gate(east.sign(five)).held());
        assertEquals(Optional.empty(), gate(stranger.sign(five)).held());
        assertEquals(
                Optional.empty(), gate(east.sign(Announcements.of("north", 5))).held());
        assertEquals(Optional.empty(), gate().held());
    }

    @Test
    void aSignedMessageOfAnotherFormatIsMalformed() {
        // signed by a version to come: the bytes are the identity's, and this build cannot read them
        Announcement good = Announcements.of("east", 1);
        AnnouncementGate gate = gate();
        byte[] bytes = AnnouncementCodec.encode(good);
        bytes[0] = 2;
        Finding finding = refusal(gate.judge(east.signBytes(bytes)));
        assertEquals(Problem.ANNOUNCEMENT_MALFORMED, finding.problem());
        assertEquals("format 2; this version reads format 1", finding.message());
    }

    private AnnouncementGate gate() {
        return gate(List.of(east.publicKey()), null);
    }

    private AnnouncementGate gate(SignedAnnouncement held) {
        return gate(List.of(east.publicKey()), held);
    }

    private static AnnouncementGate gate(
            List<IdentityKey> identities, @org.jspecify.annotations.Nullable SignedAnnouncement held) {
        return new AnnouncementGate(new ClusterId("east"), identities, Optional.ofNullable(held), 1, 1);
    }

    private static Finding refusal(Verdict verdict) {
        return assertInstanceOf(Verdict.Refused.class, verdict).finding();
    }
}
