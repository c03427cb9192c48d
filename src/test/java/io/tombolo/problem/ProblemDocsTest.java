package io.tombolo.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/problems.md} is made from the catalogue: {@code ./mvnw test -Dtest=ProblemDocsTest -Dgolden=update}. */
class ProblemDocsTest {
    private static final Path PAGE = Path.of("docs/problems.md");

    @Test
    void thePageIsWhatTheCatalogueSays() throws IOException {
        String page = page();
        if ("update".equals(System.getProperty("golden"))) {
            Files.createDirectories(PAGE.toAbsolutePath().getParent());
            Files.writeString(PAGE, page);
        }
        assertEquals(page, Files.exists(PAGE) ? Files.readString(PAGE) : "", "run with -Dgolden=update");
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Problems

                Every condition reason, event reason and metric label that names a fault is one of these. Generated from
                `io.tombolo.problem.Problem`; do not edit. An *error* means that what the object asks for does not work, a
                *warning* that it works with less, a *notice* that nothing is lost. A symptom is not reported while its cause is.

                | Reason | | What is wrong | What to do |
                |---|---|---|---|
                """);
        for (Problem problem : Stream.of(Problem.values())
                .sorted(Comparator.comparing(Problem::reason))
                .toList()) {
            page.append("| `%s` | %s | %s%s | %s |\n"
                    .formatted(
                            problem.reason(),
                            problem.severity().name().toLowerCase(Locale.ROOT),
                            cell(problem.title()),
                            symptomOf(problem),
                            cell(problem.remedy())));
        }
        return page.toString();
    }

    private static String symptomOf(Problem problem) {
        List<Problem> causes = problem.causes().stream()
                .sorted(Comparator.comparing(Problem::reason))
                .toList();
        if (causes.size() > 12) {
            return ". Silent while another problem of the same object explains it";
        }
        return causes.isEmpty()
                ? ""
                : causes.stream()
                        .map(c -> "`" + c.reason() + "`")
                        .collect(Collectors.joining(", ", ". Silent while: ", ""));
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
