package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A writer in a process of its own, which can be stopped and continued. Main: kubeconfig, holder, name of Lease and ConfigMap; for each line
 * of standard input it writes its epoch into the ConfigMap once, and says what came of it.
 */
final class WriterProcess implements AutoCloseable {
    private final Process process;
    private final List<String> said = new CopyOnWriteArrayList<>();

    WriterProcess(Path kubeconfig, String holder, String name) throws IOException {
        Files.writeString(kubeconfig, RealApiServer.shared().kubeconfig());
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        WriterProcess.class.getName(),
                        kubeconfig.toString(),
                        holder,
                        name)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread.ofVirtual().start(() -> {
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                out.lines().forEach(said::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** What it said so far: {@code leads EPOCH}, {@code follows}, {@code written}, {@code refused}. */
    List<String> said() {
        return List.copyOf(said);
    }

    /** Asks for so many writes; it reads of them when it runs. */
    void write(int times) throws IOException {
        process.outputWriter(StandardCharsets.UTF_8)
                .append("write\n".repeat(times))
                .flush();
    }

    void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (status != 0) {
            throw new IOException("kill -" + name + " ended with " + status);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] args) throws IOException {
        AtomicLong epoch = new AtomicLong(-1);
        try (KubernetesClient client = new KubernetesClientBuilder()
                        .withConfig(Config.fromKubeconfig(new File(args[0])))
                        .build();
                WriterLease lease = WriterLeaseTest.lease(
                        client,
                        args[2],
                        args[1],
                        now -> {
                            epoch.set(now);
                            System.out.println("leads " + now);
                        },
                        () -> System.out.println("follows"));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            Applier applier = new Applier(client, "writer-test", () -> lease.holds(epoch.get()));
            while (in.readLine() != null) {
                try {
                    applier.apply(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace("default")
                            .withName(args[2])
                            .endMetadata()
                            .addToData("epoch", Long.toString(epoch.get()))
                            .build());
                    System.out.println("written");
                } catch (NotTheWriterException e) {
                    System.out.println("refused");
                }
            }
        }
    }
}
