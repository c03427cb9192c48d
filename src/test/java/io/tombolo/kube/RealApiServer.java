package io.tombolo.kube;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A kube-apiserver with its etcd, one per JVM, with our CRDs, the standard ones, accounts, roles and policies installed
 * from the files that users apply. No controllers run: nothing collects garbage, and a Pod is an object and no more.
 *
 * <p>Binaries are the lab's, or those of {@code KUBEBUILDER_ASSETS}. Without them it fails and says how to get them.
 */
public final class RealApiServer {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static @Nullable RealApiServer shared;

    private final String kubeconfig;
    private final KubernetesClient admin;

    private RealApiServer(String kubeconfig) {
        this.kubeconfig = kubeconfig;
        this.admin = client(Config.fromKubeconfig(kubeconfig));
    }

    /** Starts it with the first call (3-6 s); it ends with the JVM. */
    public static synchronized RealApiServer shared() {
        RealApiServer running = shared;
        if (running == null) {
            running = new RealApiServer(ControlPlane.start());
            running.install();
            shared = running;
        }
        return running;
    }

    /** May do everything. Do not close it. */
    public KubernetesClient admin() {
        return admin;
    }

    /** Of the admin, for what starts from a kubeconfig. */
    public String kubeconfig() {
        return kubeconfig;
    }

    /** Makes the namespace where it does not exist. */
    public void namespace(String name) {
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    /** A ServiceAccount without any right, by a token of its own. The caller closes the client. */
    public KubernetesClient tenant(String namespace, String name) {
        namespace(namespace);
        admin.resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .build())
                .serverSideApply();
        return withToken(namespace, name, null);
    }

    /**
     * One of our accounts, by a token bound to a pod, as a kubelet would give it. Makes the Pod where there is none. The
     * caller closes the client.
     */
    public KubernetesClient agent(String account, String pod, String node) {
        Pod standing =
                admin.pods().inNamespace(ObjectNames.NAMESPACE).withName(pod).get();
        if (standing != null && !node.equals(standing.getSpec().getNodeName())) {
            // a pod never changes its node; the test that made this one is over
            admin.resource(standing).withGracePeriod(0).delete();
        }
        Pod made = admin.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(ObjectNames.NAMESPACE)
                        .withName(pod)
                        .endMetadata()
                        .withNewSpec()
                        .withServiceAccountName(account)
                        .withNodeName(node)
                        .addNewContainer()
                        .withName("agent")
                        .withImage("none")
                        .endContainer()
                        .endSpec()
                        .build())
                .serverSideApply();
        return withToken(ObjectNames.NAMESPACE, account, made);
    }

    private KubernetesClient withToken(String namespace, String account, @Nullable Pod bound) {
        TokenRequestBuilder request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(3600L)
                .endSpec();
        if (bound != null) {
            request.editSpec()
                    .withNewBoundObjectRef()
                    .withApiVersion("v1")
                    .withKind("Pod")
                    .withName(bound.getMetadata().getName())
                    .withUid(bound.getMetadata().getUid())
                    .endBoundObjectRef()
                    .endSpec();
        }
        String token = admin.serviceAccounts()
                .inNamespace(namespace)
                .withName(account)
                .tokenRequest(request.build())
                .getStatus()
                .getToken();
        Config bearer = new ConfigBuilder(Config.fromKubeconfig(kubeconfig))
                .withOauthToken(token)
                .build();
        return client(bearer);
    }

    private static KubernetesClient client(Config config) {
        config.setRequestRetryBackoffLimit(0);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private void install() {
        List<HasMetadata> crds = Stream.of("crds", "deploy/mcs-crds")
                .flatMap(directory -> files(Path.of(directory)))
                .flatMap(this::read)
                .toList();
        crds.forEach(crd -> admin.resource(crd).serverSideApply());
        await().atMost(PATIENCE).until(() -> crds.stream().allMatch(crd -> isServed((CustomResourceDefinition) crd)));
        Stream.of("deploy/namespace.yaml", "deploy/rbac", "deploy/policies")
                .flatMap(path -> files(Path.of(path)))
                .flatMap(this::read)
                .forEach(object -> admin.resource(object).serverSideApply());
        // the API server takes up all policies at once, some time after they exist: slices.yaml is the last of them
        await().atMost(PATIENCE).until(this::refusesForgedSlice);
    }

    private boolean isServed(CustomResourceDefinition crd) {
        CustomResourceDefinition now = admin.resource(crd).get();
        return now.getStatus() != null
                && now.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Established")
                                && c.getStatus().equals("True"));
    }

    private boolean refusesForgedSlice() {
        try {
            admin.resource(new EndpointSliceBuilder()
                            .withNewMetadata()
                            .withNamespace("default")
                            .withName("forged")
                            .addToLabels(ObjectNames.MANAGED_BY_LABEL, ObjectNames.MANAGED_BY)
                            .endMetadata()
                            .withAddressType("IPv4")
                            .build())
                    .dryRun()
                    .create();
            return false;
        } catch (KubernetesClientException e) {
            return String.valueOf(e.getMessage()).contains("slices.tombolo.io");
        }
    }

    private Stream<HasMetadata> read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return admin.load(in).items().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> files(Path path) {
        try (Stream<Path> found = Files.walk(path)) {
            return found
                    .filter(f -> f.toString().endsWith(".yaml") && !f.endsWith("kustomization.yaml"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
