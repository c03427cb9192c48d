package io.tombolo.kube;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.tombolo.api.v1alpha1.ClusterLinkStatus.SignedBytes;
import io.tombolo.trust.SignedAnnouncement;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signed announcements in the API: ours in ConfigMap {@code tombolo-announcement}, a peer's in its link's status. */
public final class AnnouncementMap {
    private static final String BYTES = "announcement";
    private static final String SIGNATURE = "signature";

    private AnnouncementMap() {}

    /** The ConfigMap without owner; binaryData {@code announcement} and {@code signature}. */
    public static ConfigMap encode(String namespace, SignedAnnouncement signed) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(ObjectNames.ANNOUNCEMENT)
                .endMetadata()
                .withBinaryData(Map.of(BYTES, base64(signed.bytes()), SIGNATURE, base64(signed.signature())))
                .build();
    }

    /** Empty where the map is absent or is not one of ours. */
    public static Optional<SignedAnnouncement> decode(@Nullable ConfigMap map) {
        if (map == null || map.getBinaryData() == null) {
            return Optional.empty();
        }
        return decode(map.getBinaryData().get(BYTES), map.getBinaryData().get(SIGNATURE));
    }

    public static SignedBytes toStatus(SignedAnnouncement signed) {
        return new SignedBytes(base64(signed.bytes()), base64(signed.signature()));
    }

    /** Empty where there is none or it is not whole; whoever uses it verifies it again. */
    public static Optional<SignedAnnouncement> fromStatus(@Nullable SignedBytes status) {
        return status == null ? Optional.empty() : decode(status.bytes(), status.signature());
    }

    private static Optional<SignedAnnouncement> decode(@Nullable String bytes, @Nullable String signature) {
        if (bytes == null || signature == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SignedAnnouncement(
                    Base64.getDecoder().decode(bytes), Base64.getDecoder().decode(signature)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
