package io.tombolo.kube;

import static java.util.Objects.requireNonNull;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a watch makes of an API server that is not what it should be: rows F13 and F14 of the faults. */
@Execution(ExecutionMode.CONCURRENT) // they wait
class WatchedTest {
    private static final String EMPTY =
            "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"%s\"},\"items\":[]}";

    private final KubernetesClient admin = RealApiServer.shared().admin();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<String> changes = new CopyOnWriteArrayList<>();
    private String namespace = "";
    private ApiProxy proxy;
    private KubernetesClient client;
    private Watched<ConfigMap> watched;

    @BeforeEach
    void startsWithThree(TestInfo test) throws Exception {
        namespace = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
        RealApiServer.shared().namespace(namespace);
        List.of("a", "b", "c").forEach(name -> write(name, "1"));
        proxy = new ApiProxy();
        client = proxy.client();
        watch(Watched.LONGEST);
    }

    /** Returns when its watch is open. */
    private void watch(Duration longest) {
        watched = Watched.startIndexed(
                "config maps",
                client.configMaps().inNamespace(namespace).withLabel("test", "watched"),
                map -> List.of(map.getData().get("value")),
                this::hear,
                longest);
        await().atMost(Duration.ofSeconds(20)).until(watched::isSynced);
        String warm = "for " + longest;
        write("warm", warm);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> !watched.indexed(warm).isEmpty());
        told.clear();
        changes.clear();
    }

    private void hear(Change<ConfigMap> change) {
        told.add(change.object().getMetadata().getName());
        changes.add(value(change.before()) + " to " + value(change.now()));
    }

    private static @Nullable String value(@Nullable ConfigMap map) {
        return map == null ? null : map.getData().get("value");
    }

    @AfterEach
    void remove() throws Exception {
        watched.close();
        client.close();
        proxy.close();
        admin.configMaps().inNamespace(namespace).withLabel("test", "watched").delete();
    }

    @Test
    void followsWhatComesChangesAndGoes() {
        assertEquals(Set.of("a", "b", "c"), found("1"));
        write("a", "2");
        delete("b");
        write("d", "2");
        soon().until(() ->
                names().equals(Set.of("a", "c", "d", "warm")) && found("2").equals(Set.of("a", "d")));
        assertEquals(Set.of("c"), found("1"));
        assertEquals("2", requireNonNull(watched.get(namespace, "a")).getData().get("value"));
        assertEquals(List.of("a", "b", "d"), told);
        assertEquals(List.of("1 to 2", "1 to null", "null to 2"), changes);
        watched.forEach(map -> assertEquals(
                List.of(), map.getMetadata().getManagedFields(), "it is nobody's business who wrote what"));
    }

    @Test
    void forgetsWhatWentWhileTheServerWasAway() throws Exception {
        proxy.down();
        delete("a");
        write("b", "2");
        assertEquals(Set.of("a", "b", "c", "warm"), names());
        proxy.up();
        soon().until(() ->
                names().equals(Set.of("b", "c", "warm")) && found("2").equals(Set.of("b")));
        assertEquals(Set.of("a", "b"), Set.copyOf(told));
    }

    @Test
    void removesGhostsOfDeletionsThatTheWatchSwallowed() {
        proxy.swallowDeletions(true);
        delete("a");
        write("b", "2");
        soon().until(() -> found("2").equals(Set.of("b")));
        assertTrue(names().contains("a"), "or nothing was swallowed");
        proxy.swallowDeletions(false);
        proxy.breakConnections();
        soon().until(() -> names().equals(Set.of("b", "c", "warm")));
        assertEquals(List.of("b", "a"), told);
    }

    @Test
    void findsAWatchThatFellSilent() {
        assertTrue(Watched.LONGEST.compareTo(Duration.ofSeconds(30)) < 0, "a dead watch is found within 30 s");
        watched.close();
        watch(Duration.ofSeconds(4));
        proxy.silence();
        delete("a");
        await("a dead watch is found").atMost(Duration.ofSeconds(10)).until(() -> !names().contains("a"));
        assertEquals(List.of("a"), told);
    }

    @Test
    void listsAgainWhereTheServerKnowsItsVersionNoMore() throws Exception {
        proxy.down();
        delete("a");
        proxy.answerOnce(line -> line.contains("watch=true"), 410, gone());
        proxy.up();
        soon().until(() -> proxy.answersLeft() == 0 && names().equals(Set.of("b", "c", "warm")));
        delete("b");
        soon().until(() -> names().equals(Set.of("c", "warm")));
    }

    @Test
    void isBackSoonAfterAServerThatWasUnavailable() throws Exception {
        proxy.breakConnections();
        for (int i = 0; i < 6; i++) {
            proxy.answerOnce(line -> true, 503, "");
        }
        delete("a");
        await("it is tried again").atMost(Duration.ofSeconds(30)).until(() -> proxy.answersLeft() == 0);
        soon().until(() -> names().equals(Set.of("b", "c", "warm")));
    }

    @Test
    void takesNothingAwayForAnEmptyListByError() throws Exception {
        proxy.answerOnce(this::lists, 200, EMPTY.formatted(version()));
        proxy.breakConnections();
        soon().until(() -> proxy.answersLeft() == 0);
        write("d", "1");
        await().atMost(Duration.ofSeconds(5)).until(() -> {
            assertTrue(names().containsAll(Set.of("a", "b", "c", "warm")), () -> "only " + names());
            return names().contains("d");
        });
        assertEquals(List.of("d"), told);
    }

    @Test
    void takesAwayWhatTwoListsAgreeOn() throws Exception {
        proxy.down();
        List.of("a", "b", "c").forEach(this::delete);
        proxy.up();
        soon().until(() -> names().equals(Set.of("warm")));
        assertEquals(Set.of("a", "b", "c"), Set.copyOf(told));
    }

    private boolean lists(String line) {
        return line.startsWith("GET") && line.contains("/configmaps") && !line.contains("watch=true");
    }

    private String version() {
        return admin.configMaps().inNamespace(namespace).list().getMetadata().getResourceVersion();
    }

    private static String gone() {
        return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Expired\",\"code\":410}";
    }

    /** As the row asks. */
    private static ConditionFactory soon() {
        return await().atMost(Duration.ofSeconds(5)).pollInterval(Duration.ofMillis(20));
    }

    private Set<String> names() {
        return names(watched.list());
    }

    private Set<String> found(String value) {
        return names(watched.indexed(value));
    }

    private static Set<String> names(List<ConfigMap> maps) {
        return maps.stream().map(m -> m.getMetadata().getName()).collect(Collectors.toCollection(TreeSet::new));
    }

    private void write(String name, String value) {
        admin.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withLabels(Map.of("test", "watched"))
                        .endMetadata()
                        .withData(Map.of("value", value))
                        .build())
                .serverSideApply();
    }

    private void delete(String name) {
        admin.configMaps().inNamespace(namespace).withName(name).delete();
    }
}
