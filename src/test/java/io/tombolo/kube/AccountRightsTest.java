package io.tombolo.kube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.authorization.v1.ResourceRule;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectRulesReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What each of our ServiceAccounts may do, as the API server says. Rewrite the lists with {@code -Dgolden=update}. */
class AccountRightsTest {
    private static final Path LISTS = Path.of("src/test/resources/AccountRightsTest");
    private static final Set<String> DEADLY_VERBS = Set.of("*", "escalate", "bind", "impersonate");

    private static final Set<String> WRITES = Set.of("create", "update", "patch", "delete", "deletecollection");

    @ParameterizedTest
    @ValueSource(strings = {ObjectNames.OPERATOR, ObjectNames.GATEWAY, ObjectNames.NODE, ObjectNames.DNS})
    void mayDoWhatItsListSaysAndNoMore(String account) throws IOException {
        StringBuilder rights = new StringBuilder();
        try (KubernetesClient client = RealApiServer.shared().agent(account, account + "-rights", "node-a")) {
            // "default" stands for every namespace that is not named in a role
            for (String namespace : List.of("default", "kube-system", ObjectNames.NAMESPACE)) {
                rights.append("namespace ").append(namespace).append('\n');
                TreeSet<String> lines = new TreeSet<>();
                for (ResourceRule rule : rules(client, namespace)) {
                    checkLeast(account, namespace, rule);
                    lines.add(line(rule));
                }
                lines.forEach(line -> rights.append("  ").append(line).append('\n'));
            }
        }
        Path golden = LISTS.resolve(account + ".txt");
        if ("update".equals(System.getProperty("golden"))) {
            Files.writeString(golden, rights);
        }
        assertEquals(Files.readString(golden), rights.toString(), "rewrite with -Dgolden=update if this is meant");
    }

    private static void checkLeast(String account, String namespace, ResourceRule rule) {
        rule.getVerbs().forEach(verb -> assertFalse(DEADLY_VERBS.contains(verb), rule::toString));
        assertFalse(rule.getResources().contains("*") || rule.getApiGroups().contains("*"), rule::toString);
        boolean writes = rule.getVerbs().stream().anyMatch(WRITES::contains);
        for (String resource : rule.getResources()) {
            assertFalse(resource.equals("serviceaccounts/token"), rule::toString);
            assertFalse(
                    writes
                            && Set.of("nodes", "pods", "nodes/status", "pods/exec")
                                    .contains(resource),
                    rule::toString);
            assertTrue(!resource.equals("secrets") || namespace.equals(ObjectNames.NAMESPACE), rule::toString);
            assertTrue(
                    !resource.equals("secrets")
                            || account.equals(ObjectNames.OPERATOR)
                            || rule.getResourceNames().equals(List.of(ObjectNames.GATEWAY)),
                    rule::toString);
        }
    }

    private static List<ResourceRule> rules(KubernetesClient client, String namespace) {
        return client.resource(new SelfSubjectRulesReviewBuilder()
                        .withNewSpec()
                        .withNamespace(namespace)
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getResourceRules();
    }

    private static String line(ResourceRule rule) {
        String group = String.join(",", rule.getApiGroups());
        String names = rule.getResourceNames().isEmpty() ? "" : " named " + String.join(",", rule.getResourceNames());
        return (group.isEmpty() ? "core" : group) + " " + String.join(",", rule.getResources()) + ": "
                + String.join(",", rule.getVerbs()) + names;
    }
}
