package io.tombolo.e2e;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.ExecWatch;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.LocalViewReader;
import io.tombolo.kube.ObjectNames;
import io.tombolo.net.Addresses;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One of the two clusters: its API, and commands in its pods. */
final class Cluster implements AutoCloseable {
    private static final long EXEC_SECONDS = 10;

    private final String context;
    private final KubernetesClient client;

    Cluster(String context) {
        this.context = context;
        this.client = new KubernetesClientBuilder()
                .withConfig(Config.autoConfigure(context))
                .build();
    }

    String context() {
        return context;
    }

    KubernetesClient client() {
        return client;
    }

    /**
     * Server-side-applies every object of a YAML resource, {@code values} replacing {@code ${name}} in it.
     *
     * @return the objects
     */
    List<HasMetadata> apply(String resource, Map<String, String> values) {
        String yaml = resource(resource);
        for (Map.Entry<String, String> value : values.entrySet()) {
            yaml = yaml.replace("${" + value.getKey() + "}", value.getValue());
        }
        try (InputStream in = new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8))) {
            List<HasMetadata> objects = client.load(in).items();
            for (HasMetadata object : objects) {
                client.resource(object)
                        .fieldManager("tombolo-e2e")
                        .forceConflicts()
                        .serverSideApply();
            }
            return objects;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every node's name, those that run a gateway first. */
    List<String> nodesGatewayFirst() {
        String gateway = gatewayNode();
        return client.nodes().list().getItems().stream()
                .map((Node n) -> n.getMetadata().getName())
                .sorted(Comparator.comparing((String n) -> !n.equals(gateway)).thenComparing(n -> n))
                .toList();
    }

    /** The node on which slot 0 runs. */
    String gatewayNode() {
        return pod(ObjectNames.NAMESPACE, "tombolo-gateway-0").getSpec().getNodeName();
    }

    Pod pod(String namespace, String name) {
        Pod pod = client.pods().inNamespace(namespace).withName(name).get();
        if (pod == null) {
            throw new AssertionError("no pod " + namespace + "/" + name + " in " + context);
        }
        return pod;
    }

    String podIp(String namespace, String name) {
        return pod(namespace, name).getStatus().getPodIP();
    }

    /** One of each family that it has. */
    List<String> podIps(String namespace, String name) {
        return pod(namespace, name).getStatus().getPodIPs().stream()
                .map(PodIP::getIp)
                .toList();
    }

    /** What the other cluster knows a pod as: its own address, or its alias. */
    String knownIp(Family family, String namespace, String name) {
        LocalCluster local =
                client.resources(LocalCluster.class).withName(LocalCluster.NAME).require();
        return Addresses.text(
                LocalViewReader.aliases(local.getSpec()).of(Addresses.parse(family.of(podIps(namespace, name)))));
    }

    /**
     * Runs a command in a pod's first container.
     *
     * @return its standard output
     * @throws AssertionError where it ends with another status than 0 or takes longer than 10 s
     */
    String exec(String namespace, String pod, String... command) {
        return exec(namespace, pod, EXEC_SECONDS, command);
    }

    String exec(String namespace, String pod, long seconds, String... command) {
        return exec(namespace, pod, seconds, new byte[0], command);
    }

    void execWithInput(String namespace, String pod, byte[] input, String... command) {
        exec(namespace, pod, EXEC_SECONDS, input, command);
    }

    private String exec(String namespace, String pod, long seconds, byte[] input, String... command) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String container =
                pod(namespace, pod).getSpec().getContainers().getFirst().getName();
        try (ExecWatch watch = client.pods()
                .inNamespace(namespace)
                .withName(pod)
                .inContainer(container)
                .readingInput(new ByteArrayInputStream(input))
                .writingOutput(out)
                .writingError(err)
                .exec(command)) {
            int status = watch.exitCode().get(seconds, TimeUnit.SECONDS);
            if (status != 0) {
                throw new AssertionError("%s: %s in %s/%s: status %d: %s"
                        .formatted(
                                context,
                                String.join(" ", command),
                                namespace,
                                pod,
                                status,
                                err.toString(StandardCharsets.UTF_8).strip()));
            }
            return out.toString(StandardCharsets.UTF_8).strip();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(
                    context + ": " + String.join(" ", command) + " in " + namespace + "/" + pod + " did not end", e);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    @Override
    public String toString() {
        return context;
    }

    private static String resource(String name) {
        try (InputStream in = Cluster.class.getResourceAsStream("/e2e/" + name)) {
            if (in == null) {
                throw new AssertionError("no test resource e2e/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
