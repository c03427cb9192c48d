package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * @param identities whose signature an announcement must bear; two while the peer changes its identity
 * @param gateways the peer's doors
 * @param prefixes the only pod prefixes the peer may announce; absent: whatever conflicts with nothing
 */
@ApiObject
@ValidationRule(
        value = "self.gateways.all(g, self.gateways.exists_one(h, h.publicKey == g.publicKey))",
        message = "KeyDuplicate: each gateway has its own publicKey")
@ValidationRule(
        value = "self.gateways.all(g, !has(g.endpoint) || self.gateways.exists_one(h, has(h.endpoint) && h.endpoint =="
                + " g.endpoint))",
        message = "EndpointConflict: each gateway has its own endpoint")
public record ClusterLinkSpec(
        @Required @Text(Shape.IDENTITY) @Items(min = 1, max = 2, type = Items.ListType.SET)
        List<String> identities,

        @Required @Items(min = 1, max = 8, type = Items.ListType.MAP, keys = "slot")
        List<Gateway> gateways,

        @Text(Shape.CIDR) @Items(min = 1, max = 64, type = Items.ListType.SET) @Nullable
        List<String> prefixes,

        @Default("{}") @Nullable Access access,
        @Nullable Sharing sharing,
        @Nullable Preshared presharedKey) {

    /** @param endpoint where its door listens; absent: the peer dials us */
    @ApiObject
    public record Gateway(
            @Required @Min(0) @Max(7) int slot,
            @Required @Text(Shape.PUBLIC_KEY) String publicKey,
            @Nullable GatewayEndpoint endpoint) {}

    /** What of ours the peer may reach. */
    @ApiObject
    public record Access(
            @Default("ExportedServices") @Nullable PodAccess pods) {}

    public enum PodAccess {
        @JsonProperty("ExportedServices")
        EXPORTED_SERVICES,
        @JsonProperty("AllPods")
        ALL_PODS
    }

    /** @param secretRef a Secret in our namespace whose key {@code psk} holds 32 bytes of base64 */
    @ApiObject
    public record Preshared(@Required SecretRef secretRef) {}

    @ApiObject
    public record SecretRef(
            @Required @Text(Shape.SECRET_NAME) String name) {}
}
