package io.tombolo.kube;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
    /** About a quarter of the real ones. */
    private static final WriterLease.Timing TIMING =
            new WriterLease.Timing(Duration.ofSeconds(4), Duration.ofSeconds(3), Duration.ofMillis(400));

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
            writes(old);
            old.signal("STOP");
            int leads = count(old, "leads");
            int follows = count(old, "follows");
            int refused = count(old, "refused");
            try (WriterLease successor = lease(admin, name, "gateway-0_b", epochs::add, () -> {})) {
                await("the Lease of the stopped one ends")
                        .atMost(SOON)
                        .until(() -> !epochs.isEmpty() && successor.holds(epochs.getLast()));
                assertTrue(epochs.getFirst() > epoch(old), "a newer writer has a higher epoch");
                ConfigMap written = new Applier(admin, "writer-test", () -> true).apply(configMap(epochs.getFirst()));
                old.write(100);
                old.signal("CONT");
                await().atMost(SOON).until(() -> count(old, "refused") == refused + 100);
                assertEquals(
                        written.getMetadata().getResourceVersion(),
                        admin.resource(written).get().getMetadata().getResourceVersion());
                await().atMost(SOON).until(() -> count(old, "follows") > follows);
            }
            await("the old one is the writer again").atMost(SOON).until(() -> count(old, "leads") > leads);
            assertTrue(epoch(old) > epochs.getLast());
            writes(old);
        }
    }

    @Test
    void aWriterThatWasStoppedWithoutASuccessorGoesOn(@TempDir Path directory) throws Exception {
        try (WriterProcess alone = new WriterProcess(directory.resolve("kubeconfig"), "gateway-0_a", name)) {
            writes(alone);
            alone.signal("STOP");
            int refused = count(alone, "refused");
            AtomicReference<String> renewed = new AtomicReference<>(renewed());
            await("what it asked for before is done, and for longer than it may write nothing more")
                    .atMost(SOON)
                    .pollInterval(TIMING.renewal().plus(TIMING.retry()))
                    .until(() -> {
                        String now = renewed();
                        return now.equals(renewed.getAndSet(now));
                    });
            alone.write(1);
            alone.signal("CONT");
            await().atMost(SOON).until(() -> count(alone, "refused") > refused);
            writes(alone);
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
                    .until(() -> dying.holds(first.getLast()));
            assertEquals(List.of(), second);
            dying.close();
            await().atMost(SOON).until(() -> !second.isEmpty() && next.holds(second.getLast()));
            assertTrue(second.getFirst() > first.getLast());
            assertFalse(dying.holds(first.getLast()));
            assertFalse(next.holds(first.getLast()), "an epoch that is over");
        }
    }

    @Test
    void contendsAgainWhateverGoesWrong() throws Exception {
        admin.leases()
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("somebody's, by hand")
                        .endSpec()
                        .build())
                .create();
        AtomicInteger starts = new AtomicInteger();
        List<Long> epochs = new CopyOnWriteArrayList<>();
        LongConsumer failsFirst = epoch -> {
            if (starts.getAndIncrement() == 0) {
                throw new IllegalStateException("a callback that fails on purpose");
            }
            epochs.add(epoch);
        };
        try (ApiProxy proxy = new ApiProxy();
                KubernetesClient client = proxy.client();
                WriterLease lease = lease(client, name, "gateway-0_a", failsFirst, () -> {})) {
            await("it is asked for a Lease without its fields")
                    .atMost(SOON)
                    .until(() -> lease.silence().toMillis() < 100);
            proxy.answerOnce(line -> line.startsWith("PATCH ") && line.contains(name), 500, "{}");
            admin.leases().inNamespace("default").withName(name).delete();
            await().atMost(SOON).until(() -> !epochs.isEmpty());
            assertEquals(2, starts.get());
            await().atMost(SOON).until(() -> lease.holds(epochs.getLast()));
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
    void endsSoonWhereTheApiServerDoesNot() throws Exception {
        List<Long> epochs = new CopyOnWriteArrayList<>();
        try (ApiProxy proxy = new ApiProxy();
                KubernetesClient once = proxy.client();
                KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(new ConfigBuilder(once.getConfiguration())
                                .withRequestRetryBackoffLimit(10) // the client's default, with pauses that grow
                                .build())
                        .build()) {
            WriterLease lease = lease(client, name, "gateway-0_a", epochs::add, () -> {});
            await().atMost(SOON).until(() -> !epochs.isEmpty() && lease.holds(epochs.getLast()));
            proxy.down();
            assertTimeoutPreemptively(Duration.ofSeconds(5), lease::close);
            assertFalse(lease.holds(epochs.getLast()));
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

    /** Asks for one write after the other until one is done: on a busy machine a renewal comes too late now and then. */
    private static void writes(WriterProcess writer) {
        int before = count(writer, "written");
        await().atMost(SOON).until(() -> {
            int answers = answers(writer);
            writer.write(1);
            await().atMost(SOON).until(() -> answers(writer) > answers);
            return count(writer, "written") > before;
        });
    }

    private static int answers(WriterProcess writer) {
        return count(writer, "written") + count(writer, "refused");
    }

    private static long epoch(WriterProcess writer) {
        return Long.parseLong(writer.said().stream()
                .filter(s -> s.startsWith("leads "))
                .toList()
                .getLast()
                .substring("leads ".length()));
    }

    /** How many lines begin with the word. */
    private static int count(WriterProcess writer, String word) {
        return (int) writer.said().stream().filter(s -> s.startsWith(word)).count();
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
