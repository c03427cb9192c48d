package io.tombolo.operator.localcluster;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.tombolo.api.v1alpha1.LocalCluster;
import io.tombolo.kube.ObjectNames;
import io.tombolo.trust.Identity;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** Secret {@code tombolo-identity}: made once, then only read. Peers pin what it holds, in Git, for years. */
final class IdentitySecret {
    /** The one key of the Secret. */
    static final String KEY = "identity";

    private final KubernetesClient client;

    IdentitySecret(KubernetesClient client) {
        this.client = client;
    }

    /**
     * The identity that is there, else a new one.
     *
     * @throws IllegalArgumentException where the Secret is there and holds no identity: it is never overwritten, for what
     *     is lost then is lost for every peer
     */
    Identity ensure(LocalCluster owner) {
        Secret found = client.secrets()
                .inNamespace(ObjectNames.namespace())
                .withName(ObjectNames.IDENTITY_SECRET)
                .get();
        if (found == null) {
            Identity minted = Identity.generate();
            // create, not apply: of two leaders for a moment only one may mint
            client.resource(encode(owner, minted)).create();
            return minted;
        }
        Identity identity = decode(found);
        if (Ownership.claim(found, owner)) {
            client.resource(found).update();
        }
        return identity;
    }

    private static Secret encode(LocalCluster owner, Identity identity) {
        return new SecretBuilder()
                .withNewMetadata()
                .withNamespace(ObjectNames.namespace())
                .withName(ObjectNames.IDENTITY_SECRET)
                .withOwnerReferences(Ownership.of(owner))
                .endMetadata()
                .withType("Opaque")
                .withData(Map.of(
                        KEY,
                        Base64.getEncoder().encodeToString(identity.encoded().getBytes(StandardCharsets.US_ASCII))))
                .build();
    }

    private static Identity decode(Secret secret) {
        String value = secret.getData() == null ? null : secret.getData().get(KEY);
        if (value == null) {
            throw new IllegalArgumentException("it lacks the key " + KEY);
        }
        return Identity.decode(new String(Base64.getDecoder().decode(value), StandardCharsets.US_ASCII).strip());
    }
}
