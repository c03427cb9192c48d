package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.net.Cidr;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The ranges that Services take their ClusterIPs from. */
public final class ServiceCidrReader {
    /** Served from 1.33, and from 1.31 where somebody switched it on. */
    private static final List<String> VERSIONS = List.of("networking.k8s.io/v1", "networking.k8s.io/v1beta1");
    /** In no cluster's range: documentation addresses (RFC 5737, RFC 3849). */
    private static final List<String> NEVER_VALID = List.of("192.0.2.1", "2001:db8::1");

    private static final Pattern REFUSAL = Pattern.compile("range of valid IPs is ([0-9a-fA-F.:]+/[0-9]{1,3})");

    private final KubernetesClient client;
    private final String namespace;

    /** @param namespace where we may create Services; nothing is created */
    public ServiceCidrReader(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    /**
     * From the ServiceCIDR objects; else from what the API server says when it refuses an address outside its range.
     *
     * @return ordered; empty where neither says
     */
    public List<Cidr> read() {
        for (String version : VERSIONS) {
            List<Cidr> found = fromObjects(version);
            if (!found.isEmpty()) {
                return found;
            }
        }
        TreeSet<Cidr> learned = new TreeSet<>();
        NEVER_VALID.forEach(address -> refusal(address).ifPresent(learned::add));
        return List.copyOf(learned);
    }

    private List<Cidr> fromObjects(String version) {
        try {
            TreeSet<Cidr> found = new TreeSet<>();
            client.genericKubernetesResources(version, "ServiceCIDR")
                    .list()
                    .getItems()
                    .forEach(o -> found.addAll(cidrs(o)));
            return List.copyOf(found);
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND || e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                return List.of();
            }
            throw e;
        }
    }

    private static List<Cidr> cidrs(GenericKubernetesResource object) {
        List<Cidr> cidrs = new ArrayList<>();
        if (object.get("spec", "cidrs") instanceof List<?> texts) {
            texts.forEach(text -> cidrs.add(Cidr.parse(String.valueOf(text))));
        }
        return cidrs;
    }

    private java.util.Optional<Cidr> refusal(String address) {
        try {
            client.resource(new ServiceBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace)
                            .withGenerateName("tombolo-range-")
                            .endMetadata()
                            .withNewSpec()
                            .withClusterIP(address)
                            .withIpFamilies(address.indexOf(':') < 0 ? "IPv4" : "IPv6")
                            .addNewPort()
                            .withPort(53)
                            .endPort()
                            .endSpec()
                            .build())
                    .dryRun()
                    .create();
            return java.util.Optional.empty(); // accepted: then the range is not what we think, and we cannot tell
        } catch (KubernetesClientException e) {
            String message = String.valueOf(e.getMessage());
            Matcher range = REFUSAL.matcher(message);
            return range.find() ? java.util.Optional.of(Cidr.parse(range.group(1))) : java.util.Optional.empty();
        }
    }
}
