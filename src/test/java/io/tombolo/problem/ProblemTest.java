package io.tombolo.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemTest {
    /** Of a condition's reason, by the API machinery (metav1.Condition). */
    private static final Pattern REASON = Pattern.compile("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?");

    @ParameterizedTest
    @EnumSource
    void everyEntrySaysWhatIsWrongAndWhatToDo(Problem problem) {
        assertTrue(REASON.matcher(problem.reason()).matches(), problem.reason());
        assertFalse(problem.title().isBlank() || problem.title().endsWith("."), problem.title());
        assertTrue(problem.remedy().endsWith("."), problem.remedy());
        assertEquals(Optional.of(problem), Problem.ofReason(problem.reason()));
    }

    @Test
    void reasonsKeepTheFieldsAbbreviations() {
        assertEquals("CIDROverlapPeer", Problem.CIDR_OVERLAP_PEER.reason());
        assertEquals("PSKInvalid", Problem.PSK_INVALID.reason());
        assertEquals("NoEndpoint", Problem.NO_ENDPOINT.reason());
        assertEquals(Optional.empty(), Problem.ofReason("Nonsense"));
    }

    @ParameterizedTest
    @EnumSource
    void noProblemIsACauseOfItself(Problem problem) {
        Set<Problem> seen = EnumSet.noneOf(Problem.class);
        Set<Problem> next = EnumSet.noneOf(Problem.class);
        next.addAll(problem.causes());
        while (!next.isEmpty()) {
            assertFalse(next.contains(problem), () -> problem + " by way of " + seen);
            seen.addAll(next);
            Set<Problem> further = EnumSet.noneOf(Problem.class);
            next.forEach(cause -> further.addAll(cause.causes()));
            further.removeAll(seen);
            next = further;
        }
    }

    @Test
    void symptomsAreSilentWhileTheirCauseIsThere() {
        Finding portInUse = Finding.of(Problem.PORT_IN_USE, "51820 is taken on node w1");
        Finding noGateway = Finding.of(Problem.NO_GATEWAY, "no gateway pod is ready");
        Finding unreachable = Finding.of(Problem.UNREACHABLE, "no probe is answered");
        Finding stale = Finding.of(Problem.STALE, "since 10:00");
        Finding claimed = Finding.of(Problem.CIDR_CLAIMED, "10.52.0.0/16");
        assertEquals(
                List.of(portInUse, claimed),
                Finding.withoutSymptoms(List.of(stale, portInUse, claimed, unreachable, noGateway)));
        assertEquals(List.of(claimed, unreachable), Finding.withoutSymptoms(List.of(claimed, stale, unreachable)));
        assertEquals(List.of(stale), Finding.withoutSymptoms(List.of(stale)));
    }

    @Test
    void aCauseTwoStepsAwaySilencesToo() {
        Finding portInUse = Finding.of(Problem.PORT_IN_USE, "51820 is taken on node w1");
        Finding stale = Finding.of(Problem.STALE, "since 10:00");
        assertEquals(List.of(portInUse), Finding.withoutSymptoms(List.of(portInUse, stale)));
    }

    @Test
    void everyReasonThatAdmissionGivesStandsInTheCatalogue() throws IOException {
        Set<String> unknown = new TreeSet<>();
        Pattern message = Pattern.compile("message(?:Expression)?: ['\"]*([A-Z][A-Za-z]+):");
        int seen = 0;
        for (Path file : yaml()) {
            for (MatchResult match :
                    message.matcher(Files.readString(file)).results().toList()) {
                seen++;
                if (Problem.ofReason(match.group(1)).isEmpty()) {
                    unknown.add(match.group(1) + " in " + file);
                }
            }
        }
        assertEquals(Set.of(), unknown);
        assertTrue(seen > 20, "only " + seen + " messages were seen");
    }

    private static List<Path> yaml() throws IOException {
        try (Stream<Path> crds = Files.walk(Path.of("crds"));
                Stream<Path> deploy = Files.walk(Path.of("deploy"))) {
            return Stream.concat(crds, deploy)
                    .filter(p -> p.toString().endsWith(".yaml") && !p.toString().contains("mcs-crds"))
                    .toList();
        }
    }
}
