package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.DnsWiring;
import io.tombolo.net.Addresses;
import io.tombolo.plan.dns.Corefile;
import io.tombolo.problem.Finding;
import io.tombolo.problem.Problem;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes the cluster's own DNS forward {@code clusterset.local} to ours, and undoes it. The one thing of ours that lies in
 * an object of somebody else, and so the one that ownership cannot remove.
 */
public final class CorednsWiring {
    private static final String NAMESPACE = "kube-system";
    private static final String CONFIG_MAP = "coredns";
    private static final String COREFILE = "Corefile";
    /** Read by k3s' CoreDNS beside a Corefile that k3s itself keeps rewriting. */
    private static final String CUSTOM_CONFIG_MAP = "coredns-custom";

    private static final String CUSTOM_KEY = "tombolo.server";
    /** On a {@code coredns-custom} that we made: it goes when nothing else is in it. */
    private static final String MADE_BY_US = "tombolo.io/created";

    private final KubernetesClient client;
    private final BooleanSupplier wanted;
    private final Lately<Wiring> wired;

    private record Wiring(DnsWiring how, InetAddress dns) {}

    /**
     * One per process.
     *
     * @param wanted whether there is a LocalCluster: a pass that began before it went must not wire again after it
     */
    public CorednsWiring(KubernetesClient client, InstantSource clock, BooleanSupplier wanted) {
        this.client = client;
        this.wired = new Lately<>(clock);
        this.wanted = wanted;
    }

    /**
     * Brings the wiring to what is wanted; writes on change only, and never over somebody else's change. What was wired a
     * moment ago is not read again.
     *
     * @param dns ClusterIP of Service {@code tombolo-dns}
     * @return why it is not wired; empty where it is, or where the admin does it
     */
    synchronized Optional<Finding> wire(DnsWiring how, InetAddress dns) {
        Wiring wiring = new Wiring(how, dns);
        if (!wanted.getAsBoolean() || wired.did(wiring)) {
            return Optional.empty();
        }
        Optional<Finding> objection = tryToWire(how, dns);
        if (objection.isEmpty()) {
            wired.done(wiring);
        }
        return objection;
    }

    private Optional<Finding> tryToWire(DnsWiring how, InetAddress dns) {
        ConfigMap coredns = read(CONFIG_MAP);
        Optional<Corefile> corefile = corefile(coredns);
        boolean custom = how == DnsWiring.CUSTOM_CONFIG_MAP
                || (how == DnsWiring.AUTO
                        && corefile.map(Corefile::importsCustomServers).orElse(false));
        if (how == DnsWiring.NONE) {
            unwire();
            return Optional.empty();
        }
        if (custom) {
            edit(coredns, Corefile::unwired);
            wireCustom(dns, corefile.map(Corefile::port).orElse(Corefile.DEFAULT_PORT));
            return Optional.empty();
        }
        if (corefile.isEmpty()) {
            return notWired("there is no ConfigMap " + NAMESPACE + "/" + CONFIG_MAP + " with a " + COREFILE);
        }
        Optional<String> objection = corefile.get().objection();
        if (objection.isPresent()) {
            return notWired(objection.get());
        }
        Optional<InetAddress> clusterDns = clusterDns();
        if (clusterDns.isPresent() && clusterDns.get().equals(dns)) {
            return Optional.of(Finding.of(
                    Problem.FORWARD_LOOP,
                    "spec.dns.wiring",
                    "the forward would lead back to the cluster's DNS at " + Addresses.text(dns)));
        }
        unwireCustom();
        edit(coredns, c -> c.wired(dns));
        return Optional.empty();
    }

    /** Takes our block out, wherever it is; what was there before is there again, byte for byte. */
    public synchronized void unwire() {
        wired.forget();
        edit(read(CONFIG_MAP), Corefile::unwired);
        unwireCustom();
    }

    private void edit(@Nullable ConfigMap coredns, UnaryOperator<Corefile> change) {
        Optional<Corefile> before = corefile(coredns);
        if (coredns == null || before.isEmpty()) {
            return;
        }
        Corefile after = change.apply(before.get());
        if (!after.equals(before.get())) {
            Map<String, String> texts = new HashMap<>(coredns.getData());
            texts.put(COREFILE, after.text());
            coredns.setData(texts);
            client.resource(coredns).update();
        }
    }

    private void wireCustom(InetAddress dns, int port) {
        String block = Corefile.block(dns, port);
        ConfigMap custom = read(CUSTOM_CONFIG_MAP);
        if (custom == null) {
            client.resource(new ConfigMapBuilder()
                            .withNewMetadata()
                            .withNamespace(NAMESPACE)
                            .withName(CUSTOM_CONFIG_MAP)
                            .withAnnotations(Map.of(MADE_BY_US, "true"))
                            .endMetadata()
                            .withData(Map.of(CUSTOM_KEY, block))
                            .build())
                    .create();
            return;
        }
        Map<String, String> texts = new HashMap<>(custom.getData() == null ? Map.of() : custom.getData());
        if (!block.equals(texts.put(CUSTOM_KEY, block))) {
            custom.setData(texts);
            client.resource(custom).update();
        }
    }

    private void unwireCustom() {
        ConfigMap custom = read(CUSTOM_CONFIG_MAP);
        if (custom == null || custom.getData() == null || !custom.getData().containsKey(CUSTOM_KEY)) {
            return;
        }
        Map<String, String> texts = new HashMap<>(custom.getData());
        texts.remove(CUSTOM_KEY);
        Map<String, String> annotations = custom.getMetadata().getAnnotations();
        if (texts.isEmpty() && annotations != null && annotations.containsKey(MADE_BY_US)) {
            client.resource(custom).delete();
        } else {
            custom.setData(texts);
            client.resource(custom).update();
        }
    }

    private Optional<InetAddress> clusterDns() {
        return Optional.ofNullable(client.services()
                        .inNamespace(NAMESPACE)
                        .withName("kube-dns")
                        .get())
                .map(s -> s.getSpec().getClusterIP())
                .filter(ip -> !ip.isEmpty() && !ip.equals("None"))
                .map(Addresses::parse);
    }

    private @Nullable ConfigMap read(String name) {
        return client.configMaps().inNamespace(NAMESPACE).withName(name).get();
    }

    private static Optional<Corefile> corefile(@Nullable ConfigMap map) {
        return Optional.ofNullable(map)
                .map(ConfigMap::getData)
                .map(texts -> texts.get(COREFILE))
                .map(Corefile::new);
    }

    private static Optional<Finding> notWired(String message) {
        return Optional.of(Finding.of(Problem.COREDNS_NOT_WIRED, "spec.dns.wiring", message));
    }
}
