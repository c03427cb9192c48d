package io.tombolo.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Written by the operator. @param invitation what {@code kubectl tombolo invite} prints for the others to apply */
@ApiObject
public record LocalClusterStatus(
        @Min(0) @Nullable Long observedGeneration,

        @Items(max = 16, type = Items.ListType.MAP, keys = "type") @Nullable
        List<Condition> conditions,

        @Nullable Network network,
        @Nullable Invitation invitation,

        @Items(max = 8, type = Items.ListType.MAP, keys = "slot") @Nullable
        List<Gateway> gateways,

        @Nullable Nodes nodes,
        @Nullable Dns dns,
        @Nullable Links links,
        @Text(max = 63) @Nullable String version) {

    /** What was detected or given. */
    @ApiObject
    public record Network(
            @Text(max = 43) @Items(max = 16, type = Items.ListType.SET) @Nullable
            List<String> podCIDRs,

            @Text(max = 43) @Items(max = 4, type = Items.ListType.SET) @Nullable
            List<String> serviceCIDRs,

            @Text(max = 43) @Items(max = 64, type = Items.ListType.SET) @Nullable
            List<String> nodeCIDRs) {}

    /** Public halves only. */
    @ApiObject
    public record Invitation(
            @Text(max = 60) @Nullable String identity,

            @Items(max = 8, type = Items.ListType.MAP, keys = "slot") @Nullable
            List<Door> gateways) {}

    /** @param endpoints in order of preference; absent: this slot only dials out */
    @ApiObject
    public record Door(
            @Required @Min(0) @Max(7) int slot,
            @Required @Text(max = 44) String publicKey,
            @Items(max = 2) @Nullable List<GatewayEndpoint> endpoints) {}

    /**
     * @param keyGeneration of the newest lane key
     * @param keySince when that was made
     */
    @ApiObject
    public record Gateway(
            @Required @Min(0) @Max(7) int slot,
            @Text(max = 253) @Nullable String node,
            @Nullable GatewayState state,
            @Text(Shape.DATE_TIME) @Nullable String since,
            @Min(1) @Nullable Integer keyGeneration,
            @Text(Shape.DATE_TIME) @Nullable String keySince) {}

    public enum GatewayState {
        @JsonProperty("Serving")
        SERVING,
        @JsonProperty("Draining")
        DRAINING,
        @JsonProperty("Down")
        DOWN,
        @JsonProperty("Unknown")
        UNKNOWN
    }

    @ApiObject
    public record Nodes(
            @Min(0) @Max(100_000) @Nullable Integer total,
            @Min(0) @Max(100_000) @Nullable Integer ready) {}

    /** @param snippet what to add to a Corefile by hand */
    @ApiObject
    public record Dns(
            @Text(max = 45) @Nullable String address,
            @Text(max = 2048) @Nullable String snippet) {}

    @ApiObject
    public record Links(
            @Min(0) @Max(1000) @Nullable Integer total,
            @Min(0) @Max(1000) @Nullable Integer ready) {}
}
