package io.tombolo.operator.clusterlink;

import io.fabric8.kubernetes.api.model.Condition;
import io.tombolo.api.v1alpha1.ClusterLinkStatus;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.Path;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.PathState;
import io.tombolo.kube.Conditions;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import io.tombolo.problem.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What ClusterLink says of itself. {@code Accepted}: whether spec and announcement are sound. {@code Ready}: whether
 * packets pass, as the gateways' probes see it, and nothing is wrong besides. {@code Stale}, only while it is so: packets
 * pass, but what the peer exports may have changed without our hearing of it.
 */
final class LinkConditions {
    static final String ACCEPTED = Conditions.ACCEPTED;
    static final String STALE = "Stale";

    private LinkConditions() {}

    /**
     * @param findings of planner and readers
     * @param leftOut of the peer's exports: no link is the worse for it
     * @param peerAbsent the planner leaves this peer out: a wrong spec, and nothing of it runs
     * @param paths of every gateway of ours, also of one that is gone
     * @param there slots of those that are there to say something
     * @param connectedBefore whether the peer was accepted once
     * @param stale whether what it exports may have changed without our hearing of it
     */
    record Facts(
            List<Finding> findings,
            List<Finding> leftOut,
            boolean peerAbsent,
            List<Path> paths,
            Set<Integer> there,
            boolean connectedBefore,
            boolean stale) {
        Facts {
            findings = List.copyOf(findings);
            leftOut = List.copyOf(leftOut);
            paths = List.copyOf(paths);
            there = Set.copyOf(there);
        }

        /** Of what a gateway would see that is gone nothing is known, and nothing passes by it. */
        private boolean noneUp() {
            List<Path> seen =
                    paths.stream().filter(p -> there.contains(p.localSlot())).toList();
            return !seen.isEmpty() && seen.stream().allMatch(p -> p.state() == PathState.DOWN);
        }
    }

    /** The first status of an object: nothing is known yet. */
    static List<Condition> first(@Nullable Long generation) {
        return List.of(
                Conditions.unknown(Conditions.READY, "Starting", "this link is looked at", generation),
                Conditions.of(Conditions.RECONCILING, true, "Starting", "this link is looked at", generation));
    }

    static List<Condition> of(Facts facts, @Nullable Long generation) {
        List<Finding> all = new ArrayList<>(facts.findings);
        facts.paths.stream()
                .map(LinkConditions::fromGateway)
                .flatMap(Optional::stream)
                .forEach(all::add);
        Optional<Finding> error = all.stream()
                .filter(f -> f.problem().severity() == Severity.ERROR)
                .findFirst()
                .or(() -> all.stream().filter(f -> facts.peerAbsent).findFirst());
        List<Condition> wanted = new ArrayList<>(ready(facts, error, generation));
        all.addAll(facts.leftOut);
        wanted.add(accepted(all, error, generation));
        if (facts.stale && facts.paths.stream().anyMatch(p -> p.state() == PathState.UP)) {
            String message = Problem.STALE.title() + ". " + Problem.STALE.remedy();
            wanted.add(Conditions.of(STALE, true, Problem.STALE.reason(), message, generation));
        }
        return wanted;
    }

    static ClusterLinkStatus.Summary summary(List<Path> paths, int total) {
        List<Path> up = paths.stream().filter(p -> p.state() == PathState.UP).toList();
        Integer rtt = up.stream()
                .map(Path::rttMillis)
                .filter(Objects::nonNull)
                .min(Integer::compare)
                .orElse(null);
        return new ClusterLinkStatus.Summary(up.size() + "/" + Math.max(total, paths.size()), rtt);
    }

    private static List<Condition> ready(Facts facts, Optional<Finding> error, @Nullable Long generation) {
        if (error.isPresent()) {
            String reason = error.get().problem().reason();
            String message = error.get().text();
            Condition ready = Conditions.of(Conditions.READY, false, reason, message, generation);
            // nothing here heals by waiting: somebody must correct what the message names
            return List.of(ready, Conditions.of(Conditions.STALLED, true, reason, message, generation));
        }
        if (facts.paths.stream().anyMatch(p -> p.state() == PathState.UP)) {
            return List.of(
                    Conditions.of(Conditions.READY, true, "Connected", "the peer's gateways answer", generation));
        }
        if (facts.there.isEmpty()) {
            return List.of(Conditions.unknown(
                    Conditions.READY, Problem.NO_GATEWAY.reason(), "no gateway of ours is ready to tell", generation));
        }
        if (!facts.connectedBefore) {
            String message = Problem.NEVER_CONNECTED.title() + ". " + Problem.NEVER_CONNECTED.remedy();
            String reason = Problem.NEVER_CONNECTED.reason();
            return List.of(
                    Conditions.of(Conditions.READY, false, reason, message, generation),
                    Conditions.of(Conditions.RECONCILING, true, reason, message, generation));
        }
        if (facts.noneUp()) {
            String message = Problem.UNREACHABLE.title() + ". " + Problem.UNREACHABLE.remedy();
            return List.of(Conditions.of(Conditions.READY, false, Problem.UNREACHABLE.reason(), message, generation));
        }
        return List.of(
                Conditions.unknown(Conditions.READY, "Probing", "the gateways do not know yet", generation),
                Conditions.of(Conditions.RECONCILING, true, "Probing", "the gateways do not know yet", generation));
    }

    private static Condition accepted(List<Finding> all, Optional<Finding> error, @Nullable Long generation) {
        // where nothing is lost, nothing is refused
        Optional<Finding> worst = error.or(() -> all.stream()
                .filter(f -> f.problem().severity() != Severity.NOTICE)
                .findFirst());
        List<String> words = new ArrayList<>(
                all.stream().map(LinkConditions::withReason).distinct().toList());
        if (worst.isEmpty()) {
            words.addFirst("spec, announcement and exports of the peer are sound");
        }
        return Conditions.of(
                ACCEPTED,
                worst.isEmpty(),
                worst.map(f -> f.problem().reason()).orElse("Accepted"),
                String.join("; ", words),
                generation);
    }

    /** A condition has one reason; a notice beside it must say its own. */
    private static String withReason(Finding finding) {
        return finding.problem().severity() == Severity.NOTICE
                ? finding.problem().reason() + ": " + finding.text()
                : finding.text();
    }

    private static String said(Path path, Problem problem) {
        return path.message() == null ? problem.title() : path.message();
    }

    /** What only a gateway sees, such as an announcement that it refused: the reason of its path names the entry. */
    private static Optional<Finding> fromGateway(Path path) {
        return Problem.ofReason(path.reason())
                // silence is what Ready tells by itself
                .filter(p -> p != Problem.NEVER_CONNECTED && p != Problem.UNREACHABLE && p != Problem.NO_HANDSHAKE)
                .map(p -> Finding.of(p, "gateway " + path.localSlot() + ": " + said(path, p) + ". " + p.remedy()));
    }
}
