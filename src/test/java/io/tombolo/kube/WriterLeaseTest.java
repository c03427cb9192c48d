package io.tombolo.kube;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT) // they wait
class WriterLeaseTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** A fifth of the real ones. */
    private static final WriterLease.Timing TIMING =
            new WriterLease.Timing(Duration.ofSeconds(3), Duration.ofSeconds(2), Duration.ofMillis(400));

    private final KubernetesClient admin = RealApiServer.shared().admin();

    static WriterLease lease(
            KubernetesClient client, String name, String holder, LongConsumer started, Runnable stopped) {
        return new WriterLease(client, "default", name, holder, TIMING, started, stopped);
    }

    private String name = "";

    @BeforeEach
    void named(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    }

    @AfterEach
    void remove() {
        admin.leases().inNamespace("default").withName(name).delete();
        admin.configMaps().inNamespace("default").withName(name).delete();
    }

    @Test
    void aWriterThatWasStoppedWritesNothingInItsOldEpoch(@TempDir Path directory) throws Exception {
        List<Long> epochs = new CopyOnWriteArrayList<>();
        try (WriterProcess old = new WriterProcess(directory.resolve("kubeconfig"), "gateway-0_a", name)) {
            await().atMost(SOON).until(() -> leads(old) == 1);
            old.write(1);
            await().atMost(SOON).until(() -> count(old, "written") == 1);
            old.signal("STOP");
            try (WriterLease successor = lease(admin, name, "gateway-0_b", epochs::add, () -> {})) {
                await("the Lease of the stopped one ends").atMost(SOON).until(() -> epochs.size() == 1);
                assertTrue(successor.holds(epochs.getFirst()));
                assertTrue(epochs.getFirst() > epoch(old), "a newer writer has a higher epoch");
                ConfigMap written = new Applier(admin, "writer-test", () -> true).apply(configMap(epochs.getFirst()));
                old.write(100);
                old.signal("CONT");
                await().atMost(SOON).until(() -> count(old, "refused") == 100);
                assertEquals(
                        written.getMetadata().getResourceVersion(),
                        admin.resource(written).get().getMetadata().getResourceVersion());
                await().atMost(SOON).until(() -> count(old, "follows") == 1);
            }
            await("the old one is the writer again").atMost(SOON).until(() -> leads(old) == 2);
            assertTrue(epoch(old) > epochs.getFirst());
            old.write(1);
            await().atMost(SOON).until(() -> count(old, "written") == 2);
        }
    }

    @Test
    void aWriterThatWasStoppedWithoutASuccessorGoesOn(@TempDir Path directory) throws Exception {
        try (WriterProcess alone = new WriterProcess(directory.resolve("kubeconfig"), "gateway-0_a", name)) {
            await().atMost(SOON).until(() -> leads(alone) == 1);
            alone.signal("STOP");
            String renewed = renewed();
            await("longer than it may write")
                    .atMost(SOON)
                    .pollDelay(TIMING.renewal().plus(TIMING.retry()))
                    .until(() -> renewed.equals(renewed()));
            alone.write(1);
            alone.signal("CONT");
            await().atMost(SOON).until(() -> count(alone, "refused") == 1);
            await("the Lease is renewed, or had again").atMost(SOON).until(() -> {
                alone.write(1);
                return count(alone, "written") > 0;
            });
        }
    }

    @Test
    void anotherPodWaitsForTheLeaseOfTheOneWhosePlaceItTakes() {
        List<Long> first = new CopyOnWriteArrayList<>();
        List<Long> second = new CopyOnWriteArrayList<>();
        WriterLease dying = lease(admin, name, "gateway-0_a", first::add, () -> {});
        await().atMost(SOON).until(() -> first.size() == 1);
        try (WriterLease next = lease(admin, name, "gateway-0_b", second::add, () -> {})) {
            await("a renewal while the other contends")
                    .atMost(SOON)
                    .pollDelay(TIMING.retry().multipliedBy(2))
                    .until(() -> dying.holds(first.getFirst()));
            assertEquals(List.of(), second);
            dying.close();
            await().atMost(SOON).until(() -> second.size() == 1);
            assertTrue(second.getFirst() > first.getFirst());
            assertFalse(dying.holds(first.getFirst()));
            assertTrue(next.holds(second.getFirst()));
            assertFalse(next.holds(first.getFirst()), "an epoch that is over");
        }
    }

    @Test
    void knowsHowLongTheApiServerWasSilent() throws Exception {
        try (ApiProxy proxy = new ApiProxy();
                KubernetesClient client = proxy.client();
                WriterLease lease = lease(client, name, "gateway-0_a", _ -> {}, () -> {})) {
            Duration longest = Duration.ofSeconds(5);
            await("it is asked, and answers")
                    .atMost(SOON)
                    .until(() -> lease.silence().toMillis() < 100);
            proxy.down();
            await().atMost(SOON).until(() -> lease.silence().compareTo(longest) > 0);
            proxy.up();
            // the client waits twice as long before each try of one request
            await().atMost(SOON).until(() -> lease.silence().compareTo(longest) < 0);
        }
    }

    @Test
    void whoseTurnItIsNotWritesAndDeletesNothing() {
        ConfigMap standing = admin.resource(configMap(1)).serverSideApply();
        Applier applier = new Applier(admin, "writer-test", () -> false);
        assertThrows(NotTheWriterException.class, () -> applier.apply(configMap(2)));
        assertThrows(NotTheWriterException.class, () -> applier.applyStatus(configMap(2)));
        assertThrows(NotTheWriterException.class, () -> applier.delete(standing));
        assertEquals(standing, admin.resource(standing).get());
    }

    private String renewed() {
        return admin.leases()
                .inNamespace("default")
                .withName(name)
                .get()
                .getSpec()
                .getRenewTime()
                .toString();
    }

    private static int leads(WriterProcess writer) {
        return (int) writer.said().stream().filter(s -> s.startsWith("leads ")).count();
    }

    private static long epoch(WriterProcess writer) {
        return Long.parseLong(writer.said().stream()
                .filter(s -> s.startsWith("leads "))
                .toList()
                .getLast()
                .substring("leads ".length()));
    }

    private static int count(WriterProcess writer, String word) {
        return Collections.frequency(writer.said(), word);
    }

    private ConfigMap configMap(long epoch) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .addToData("epoch", Long.toString(epoch))
                .build();
    }
}
