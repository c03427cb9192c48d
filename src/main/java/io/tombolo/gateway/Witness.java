package io.tombolo.gateway;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.tombolo.handover.NetworkDocument;
import io.tombolo.kube.ObjectNames;
import io.tombolo.plan.removal.Evidence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the API server says of the installation we belong to. */
final class Witness {
    private static final Path TOKEN = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");
    private static final Pattern EXPIRY = Pattern.compile("\"exp\"\\s*:\\s*(\\d{1,12})");
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;

    private final KubernetesClient client;
    private final ObjectWatch objects;
    private final int slot;
    private final Clock clock;

    /** @param slot ours, 0-7 */
    Witness(KubernetesClient client, ObjectWatch objects, int slot, Clock clock) {
        this.client = client;
        this.objects = objects;
        this.slot = slot;
        this.clock = clock;
    }

    /** While running: whether the watch has shown the deletion, confirmed where the API server still answers us. */
    Evidence network() {
        if (!objects.networkDeleted()) {
            return Evidence.KNOWN;
        }
        try {
            ConfigMap map = client.configMaps()
                    .inNamespace(ObjectNames.namespace())
                    .withName(NetworkDocument.CONFIG_MAP)
                    .get();
            return map == null ? Evidence.NETWORK_NOT_FOUND : Evidence.KNOWN;
        } catch (KubernetesClientException e) {
            return Evidence.NETWORK_DELETED;
        }
    }

    /** After SIGTERM. */
    Evidence whenStopping() {
        Evidence network = network();
        if (network.isProof()) {
            return network;
        }
        try {
            client.resource(new SelfSubjectReview()).create();
            if (objects.unwanted(slot)) {
                return Evidence.SLOT_UNWANTED;
            }
            return objects.ownerGone() ? Evidence.OWNER_GONE : Evidence.KNOWN;
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case UNAUTHORIZED -> tokenHasExpired() ? Evidence.TOKEN_EXPIRED : Evidence.TOKEN_REVOKED;
                case FORBIDDEN -> Evidence.FORBIDDEN;
                default -> Evidence.SILENCE;
            };
        }
    }

    /** A token that cannot be read proves nothing, and counts as expired. */
    private boolean tokenHasExpired() {
        try {
            String[] parts = Files.readString(TOKEN).strip().split("\\.");
            String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
            Matcher expiry = EXPIRY.matcher(claims);
            return !expiry.find()
                    || Instant.ofEpochSecond(Long.parseLong(expiry.group(1))).isBefore(Instant.now(clock));
        } catch (IOException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return true;
        }
    }
}
