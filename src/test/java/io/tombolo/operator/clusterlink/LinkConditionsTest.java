package io.tombolo.operator.clusterlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.fabric8.kubernetes.api.model.Condition;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.Path;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.PathState;
import io.tombolo.kube.Conditions;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinkConditionsTest {
    private static final Path UP = path(PathState.UP, null);
    private static final Path DOWN = path(PathState.DOWN, null);

    @Test
    void isReadyWhileOnePathIsUp() {
        assertEquals("True Connected", ready(facts(List.of(), true, UP, DOWN)));
    }

    @Test
    void isReconcilingUntilThePeerFirstAnswers() {
        List<Condition> conditions = LinkConditions.of(facts(List.of(), false, DOWN), 1L);

        assertEquals("False NeverConnected", text(conditions, Conditions.READY));
        assertEquals("True NeverConnected", text(conditions, Conditions.RECONCILING));
    }

    @Test
    void isUnreachableOnceItWasConnectedAndEveryPathIsDown() {
        List<Condition> conditions = LinkConditions.of(facts(List.of(), true, DOWN), 1L);

        assertEquals("False Unreachable", text(conditions, Conditions.READY));
        assertNull(Conditions.find(conditions, Conditions.STALLED));
    }

    @Test
    void couldNotTellIsNotDown() {
        assertEquals("Unknown Probing", ready(facts(List.of(), true, path(PathState.UNKNOWN, null))));
        assertEquals(
                "Unknown NoGateway",
                ready(new LinkConditions.Facts(
                        List.of(), List.of(), false, List.of(path(PathState.UNKNOWN, null)), Set.of(), true, false)));
    }

    @Test
    void aGatewayOfOursThatIsGoneKeepsNoDeadPeerAlive() {
        Path ofOneThatIsGone = new Path(1, 0, PathState.UNKNOWN, null, null, null, null, null, null);
        assertEquals("Unreachable", readyReason(Set.of(0), DOWN, ofOneThatIsGone));
        assertEquals("Probing", readyReason(Set.of(0, 1), DOWN, ofOneThatIsGone));
    }

    private static String readyReason(Set<Integer> there, Path... paths) {
        return condition(
                        LinkConditions.of(
                                new LinkConditions.Facts(
                                        List.of(), List.of(), false, List.of(paths), there, true, false),
                                1L),
                        Conditions.READY)
                .getReason();
    }

    @Test
    void isStalledByAWrongSpecEvenWhileOldPathsAreUp() {
        Finding finding =
                Finding.of(Problem.KEY_WEAK, "spec.gateways[0].publicKey", "spec.gateways[0].publicKey is weak");
        List<Condition> conditions = LinkConditions.of(facts(List.of(finding), true, UP), 1L);

        assertEquals("False KeyWeak", text(conditions, Conditions.READY));
        assertEquals("True KeyWeak", text(conditions, Conditions.STALLED));
        assertEquals("False KeyWeak", text(conditions, LinkConditions.ACCEPTED));
    }

    @Test
    void tellsWhatOnlyAGatewaySaw() {
        List<Condition> refused = LinkConditions.of(facts(List.of(), true, path(PathState.UP, "SignatureInvalid")), 1L);
        List<Condition> replayed = LinkConditions.of(facts(List.of(), true, path(PathState.UP, "Replayed")), 1L);

        assertEquals("False SignatureInvalid", text(refused, Conditions.READY));
        assertEquals("True Connected", text(replayed, Conditions.READY), "a replay takes nothing down");
        assertEquals("False Replayed", text(replayed, LinkConditions.ACCEPTED));
    }

    @Test
    void repeatsTheFieldAndValueThatTheGatewayRefused() {
        Path refused = path(PathState.UP, "Replayed", "announcement.sequence: sequence 4 after 5 was accepted");
        Condition accepted = condition(LinkConditions.of(facts(List.of(), true, refused), 1L), LinkConditions.ACCEPTED);

        assertEquals(
                "gateway 0: announcement.sequence: sequence 4 after 5 was accepted. " + Problem.REPLAYED.remedy(),
                accepted.getMessage());
    }

    @Test
    void leadsWithTheFieldWhereTheMessageDoesNotNameIt() {
        Finding finding = Finding.of(Problem.CIDR_OVERLAP_NODE, "spec.prefixes", "10.53.0.0/16 overlaps node n4");

        assertEquals(
                "spec.prefixes: 10.53.0.0/16 overlaps node n4",
                condition(LinkConditions.of(facts(List.of(finding), true, UP), 1L), Conditions.READY)
                        .getMessage());
    }

    @Test
    void isStalledByWhateverKeepsThePeerOut() {
        Finding warning = Finding.of(Problem.ENDPOINT_INVALID, "spec.gateways[0].endpoint.port", "0");

        assertEquals("False EndpointInvalid", ready(facts(List.of(warning), false)));
    }

    @Test
    void whatIsLeftOutOfThePeersExportsIsToldAndTakesNothingDown() {
        Finding finding = Finding.of(Problem.PORT_INVALID, "ports.port: shop/web: port 0 is out of range 1-65535");
        List<Condition> conditions = LinkConditions.of(
                new LinkConditions.Facts(List.of(), List.of(finding), false, List.of(UP), Set.of(0), true, false), 1L);

        assertEquals("True Connected", text(conditions, Conditions.READY));
        assertEquals("False PortInvalid", text(conditions, LinkConditions.ACCEPTED));
        assertEquals(
                finding.message(),
                condition(conditions, LinkConditions.ACCEPTED).getMessage());
    }

    @Test
    void row53WhatIsNotWantedHereIsToldAndNothingIsTheWorseForIt() {
        Finding notice = Finding.of(Problem.NAMESPACE_NOT_ACCEPTED, "shop/web is not imported: no such namespace");
        List<Condition> conditions = LinkConditions.of(
                new LinkConditions.Facts(List.of(), List.of(notice), false, List.of(UP), Set.of(0), true, false), 1L);

        assertEquals("True Accepted", text(conditions, LinkConditions.ACCEPTED));
        assertEquals(
                "spec, announcement and exports of the peer are sound; NamespaceNotAccepted: " + notice.message(),
                condition(conditions, LinkConditions.ACCEPTED).getMessage());
    }

    @Test
    void isStaleBesideAConnectionThatWorks() {
        List<Condition> conditions = LinkConditions.of(stale(UP), 1L);

        assertEquals("True Connected", text(conditions, Conditions.READY));
        assertEquals("True Stale", text(conditions, LinkConditions.STALE));
        assertEquals("absent", text(LinkConditions.of(stale(DOWN), 1L), LinkConditions.STALE), "Unreachable says why");
        assertEquals("absent", text(LinkConditions.of(facts(List.of(), true, UP), 1L), LinkConditions.STALE));
    }

    private static LinkConditions.Facts stale(Path path) {
        return new LinkConditions.Facts(List.of(), List.of(), false, List.of(path), Set.of(0), true, true);
    }

    @Test
    void countsPathsAndGivesTheBestRoundTrip() {
        Path fast = new Path(0, 1, PathState.UP, null, null, null, 3, null, null);
        Path slow = new Path(1, 1, PathState.UP, null, null, null, 9, null, null);

        assertEquals("2/4", LinkConditions.summary(List.of(fast, slow, DOWN), 4).paths());
        assertEquals(3, LinkConditions.summary(List.of(slow, fast), 2).rttMillis());
    }

    private static LinkConditions.Facts facts(List<Finding> findings, boolean connectedBefore, Path... paths) {
        return new LinkConditions.Facts(
                findings, List.of(), !findings.isEmpty(), List.of(paths), Set.of(0), connectedBefore, false);
    }

    private static Path path(PathState state, @Nullable String reason) {
        return path(state, reason, null);
    }

    private static Path path(PathState state, @Nullable String reason, @Nullable String message) {
        return new Path(0, 0, state, null, reason, message, null, null, null);
    }

    private static String ready(LinkConditions.Facts facts) {
        return text(LinkConditions.of(facts, 1L), Conditions.READY);
    }

    private static String text(List<Condition> conditions, String type) {
        Condition condition = Conditions.find(conditions, type);
        return condition == null ? "absent" : condition.getStatus() + " " + condition.getReason();
    }

    private static Condition condition(List<Condition> conditions, String type) {
        return Objects.requireNonNull(Conditions.find(conditions, type));
    }
}
